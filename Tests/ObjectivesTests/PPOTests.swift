import Foundation
import JSON
import TestSupport
import Testing

@testable import Objectives

@Suite struct PPOTests {
  private static let easyLM = Checkout.shared("gold/ppo/easylm_arithmetic.json")

  private func expect(_ own: [[Double]], _ expected: [[Double]], within tolerance: Double = 1e-12) {
    #expect(own.map(\.count) == expected.map(\.count))
    for (own, expected) in zip(own.joined(), expected.joined()) {
      #expect(abs(own - expected) < tolerance, "\(own), expected \(expected)")
    }
  }

  /// EasyLM's rewards, returns, whitened advantages and losses, where every old quantity is the current one.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: easyLM.path))) func arithmeticOfEasyLM() throws {
    let json = try JSON(file: Self.easyLM)
    let lengths = try PolicyLossFixture.lists(json["mask"]).map { Int($0.reduce(0, +)) }
    func rows(_ key: String) throws -> [[Double]] {
      try zip(PolicyLossFixture.lists(json[key]), lengths).map { Array($0.prefix($1)) }
    }
    func number(_ key: String) throws -> Double { try #require(json[key]?.double) }
    let (policy, reference, values) = (try rows("logprobs"), try rows("ref_logprobs"), try rows("values"))
    let scores = try PolicyLossFixture.list(json["score"])
    let pay = try TokenRewards(coefficient: number("kl_coef"))
    let rewards = policy.indices.map { pay(policy: policy[$0], reference: reference[$0], score: scores[$0]) }
    expect(rewards, try rows("rewards"))
    let estimates = try policy.indices.map {
      try Advantages.generalized(
        rewards: rewards[$0], values: values[$0], gamma: number("gamma"), lambda: number("lam"))
    }
    expect(estimates.map(\.returns), try rows("returns"))
    let advantages = Whitening(epsilon: 1e-6)(estimates.map(\.advantages))
    expect(advantages, try rows("advantages_whitened"))

    let example = ScoredExample(
      counts: lengths, columns: [.advantage: advantages, .return: estimates.map(\.returns), .oldValue: values])
    let objective = try PPOObjective()
    let loss = objective.loss(of: example, logProbabilities: policy).loss / objective.weight(of: example)
    #expect(try abs(loss - number("policy_loss_ratio_1")) < 1e-12)
    let value = try ValueObjective()
    let valueLoss = value.loss(of: example, values: values).loss / value.weight(of: example)
    #expect(try abs(valueLoss - number("value_loss_same_values")) < 1e-12)
    let divergences = policy.indices.map { row in
      TokenRewards(coefficient: -1).whole(policy: policy[row], reference: reference[row], score: 0)
    }
    let sum = divergences.reduce(0, +)
    #expect(try abs(sum / Double(lengths.count) - number("objective_kl")) < 1e-12)
    #expect(try abs(sum / Double(lengths.reduce(0, +)) - number("kl_per_token")) < 1e-12)
  }

  /// Finite differences, with clipped tokens on both sides and a masked answer.
  @Test(arguments: [nil, 1.5], PPOObjective.Mean.allCases) func slopesOfPolicies(cap: Double?, mean: PPOObjective.Mean)
    throws
  {
    let fixture = try PolicyLossFixture()
    let (now, example) = (try fixture.logProbabilities(), try fixture.group(perToken: true))
    let objective = try PPOObjective(low: 0.15, high: 0.25, cap: cap, mean: mean)
    #expect(objective.weight(of: example) == (mean == .tokens ? 20 : 5))
    let loss = objective.loss(of: example, logProbabilities: now)
    #expect(loss.sums.contains { $0.name == "policy/clipfrac_avg" && $0.value > 0 })
    expectSlopes(loss.slopes, at: now) { objective.loss(of: example, logProbabilities: $0).loss }
  }

  /// Finite differences, with values inside and outside the range, and places that have no return.
  @Test(arguments: [nil, 0.2], [0.1, 1]) func slopesOfValues(range: Double?, coefficient: Double) throws {
    let now = [[0.5, -1, 2, 0.3], [1.5, -0.25], [4]]
    let example = ScoredExample(
      counts: [4, 2, 1],
      columns: [
        .return: [[1, -1.5, 0, 1], [1], [3]], .oldValue: [[0.45, -1.5, 1.9, 0.8], [2.5], [3.5]],
        .isMasked: [[0], [0], [1]],
      ])
    let objective = try ValueObjective(range: range, coefficient: coefficient)
    #expect(objective.weight(of: example) == 5)
    let loss = objective.loss(of: example, values: now)
    #expect(loss.slopes[1][1] == 0 && loss.slopes[2] == [0])
    #expect(loss.metrics.contains { $0.name == "loss/value_avg" && abs($0.value * coefficient - loss.loss) < 1e-12 })
    // Only the second answer's value is held further from its return than it is.
    #expect(loss.metrics.contains { $0.name == "val/clipfrac_avg" && $0.value == (range == nil ? 0 : 1) })
    expectSlopes(loss.slopes, at: now) { objective.loss(of: example, values: $0).loss }
  }

  private func expectSlopes(_ slopes: [[Double]], at now: [[Double]], _ loss: ([[Double]]) -> Double) {
    for sequence in now.indices {
      for place in now[sequence].indices {
        func moved(_ shift: Double) -> Double {
          var moved = now
          moved[sequence][place] += shift
          return loss(moved)
        }
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(
          abs(slopes[sequence][place] - slope) < 1e-8, "\(sequence), \(place): \(slopes[sequence][place]), \(slope)")
      }
    }
  }

  @Test func scoresLieAtTheEndOrPastIt() {
    let pay = TokenRewards(coefficient: 0.5)
    expect([pay(policy: [-1, -2], reference: [-2, -2.5], score: 3)], [[-0.5, 2.75]])
    expect([pay(policy: [-1, -2], reference: [-2, -2.5], score: 3, isPastEnd: true)], [[-0.5, -0.25, 3]])
    #expect(pay.whole(policy: [-1, -2], reference: [-2, -2.5], score: 3) == 2.25)
    #expect(pay(policy: [], reference: [], score: 3).isEmpty)
    expect([TokenRewards(coefficient: 1, estimator: .k2)(policy: [-1], reference: [-3], score: 0)], [[-2]])
    expect(
      [TokenRewards(coefficient: 1, estimator: .k3)(policy: [-1], reference: [-3], score: 0)], [[-(exp(-2) + 2 - 1)]])
  }

  @Test func whitening() {
    let root = 2.5.squareRoot()
    expect(Whitening(epsilon: 0)([[1, 2], [3, 4, 5]]), [[-2 / root, -1 / root], [0, 1 / root, 2 / root]])
    expect(
      Whitening(epsilon: 0, isUnbiased: false, keepsMean: true)([[1, 3]]), [[1, 3]].map { $0.map { 2 + ($0 - 2) } })
    expect(Whitening(epsilon: 0)([[4], []]), [[0], []])
    expect(Whitening(keepsMean: true)([[4, 4]]), [[4, 4]])
    #expect(Whitening()([[], []]) == [[], []])
  }

  /// Ziegler et al. 2019, section 2.2: the error is cut at 0.2.
  @Test func penaltiesFollowTheirTarget() throws {
    var adaptive = try KLController(adaptive: 0.1, target: 6, horizon: 1000)
    adaptive.update(divergence: 6.6, answers: 500)
    #expect(abs(adaptive.coefficient - 0.1 * 1.05) < 1e-15)
    adaptive.update(divergence: 600, answers: 500)
    #expect(abs(adaptive.coefficient - 0.1 * 1.05 * 1.1) < 1e-15)
    adaptive.update(divergence: -5, answers: 500)
    #expect(abs(adaptive.coefficient - 0.1 * 1.05 * 1.1 * 0.9) < 1e-15)
    var fixed = try KLController(fixed: 0.05)
    fixed.update(divergence: 100, answers: 500)
    #expect(fixed.coefficient == 0.05)
    #expect(throws: ObjectiveError.self) { try KLController(fixed: -1) }
    #expect(throws: ObjectiveError.self) { try KLController(adaptive: 0.1, target: 0) }
    #expect(throws: ObjectiveError.self) { try ValueObjective(range: 0) }
    #expect(throws: ObjectiveError.self) { try ValueObjective(coefficient: .infinity) }
    #expect(throws: ObjectiveError.self) { try PPOObjective(cap: 1.1) }
  }
}
