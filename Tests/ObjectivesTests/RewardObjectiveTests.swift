import Foundation
import Testing

@testable import Objectives

@Suite struct RewardObjectiveTests {
  /// −log σ(c − r − m) + λ(c + r)², and its slopes by finite differences.
  @Test(arguments: [(0.0, 0.0), (0.01, 0.0), (0.0, 1.5), (0.3, -0.5)]) func slopes(centering: Double, margin: Double)
    throws
  {
    let objective = try RewardObjective(centering: centering)
    let example = ScoredExample(counts: [1, 1], columns: margin == 0 ? [:] : [.margin: [[margin], [0]]])
    func loss(_ chosen: Double, _ rejected: Double) -> Double {
      let x = chosen - rejected - margin
      return log1p(exp(-x)) + centering * (chosen + rejected) * (chosen + rejected)
    }
    for (chosen, rejected) in [(0.25, -1.5), (-2, 3), (0, 0), (5, 4.5)] as [(Double, Double)] {
      let actual = objective.loss(of: example, values: [[Float(chosen)], [Float(rejected)]])
      #expect(abs(actual.loss - loss(chosen, rejected)) < 1e-12)
      let step = 1e-6
      let slopes = [
        (loss(chosen + step, rejected) - loss(chosen - step, rejected)) / (2 * step),
        (loss(chosen, rejected + step) - loss(chosen, rejected - step)) / (2 * step),
      ]
      for (actual, expected) in zip(actual.slopes.joined(), slopes) { #expect(abs(actual - expected) < 1e-8) }
    }
  }

  @Test func aTieIsNoRightJudgement() throws {
    let loss = try RewardObjective().loss(of: ScoredExample(counts: [1, 1]), values: [[1], [1]])
    #expect(loss.metrics.first { $0.name == "accuracy" }?.value == 0 && loss.loss == log(2))
  }

  @Test func rewardsFarApartAreFinite() throws {
    let loss = try RewardObjective().loss(of: ScoredExample(counts: [1, 1]), values: [[-2e4], [2e4]])
    #expect(loss.loss == 4e4 && loss.slopes == [[-1], [1]])
  }

  @Test(arguments: [-1, Double.nan, .infinity]) func impossibleCentering(centering: Double) {
    #expect(throws: ObjectiveError.self) { try RewardObjective(centering: centering) }
  }
}
