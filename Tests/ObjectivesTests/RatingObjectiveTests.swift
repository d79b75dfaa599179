import Testing

@testable import Objectives

/// What rated answers take from their batch.
@Suite struct RatingObjectiveTests {
  /// An answer with one scored place, and a companion whose log-ratio is `companion`.
  private func example(isGood: Bool, reference: Double = -2, companion: Double = 0) -> ScoredExample {
    ScoredExample(
      counts: [1],
      columns: [
        .label: [[isGood ? 1 : 0]], .reference: [[reference]], .companions: [[companion - 7]],
        .referenceOfCompanions: [[-7]],
      ])
  }

  private func divergences(_ companions: [Double], group: Int?) throws -> [Double] {
    let objective = KTOObjective(try KTOLoss(.kto, beta: 0.1), groupSize: group)
    let examples = companions.map { example(isGood: true, companion: $0) }
    let columns = try #require(try objective.batchColumns(of: examples) { throw ObjectiveError("not asked for") })
    return columns.compactMap { $0[.divergence]?[0][0] }
  }

  @Test func zIsTheMeanOfTheBatchOrOfTheGroupAndNeverNegative() throws {
    #expect(try divergences([1, 3, 5, 7], group: nil) == [4, 4, 4, 4])
    #expect(try divergences([1, 3, 5, 7, 2], group: 2) == [2, 2, 6, 6, 2])
    #expect(try divergences([1, -3, 5, 7], group: 2) == [0, 0, 6, 6])
  }

  @Test func aLossWithoutZAsksForNothing() throws {
    let objective = KTOObjective(try KTOLoss(.apoZeroUnpaired, beta: 0.1))
    #expect(try objective.batchColumns(of: [example(isGood: true)]) { [] } == nil)
    let loss = objective.loss(of: example(isGood: false), sums: [-2])
    #expect(loss.loss == 0.5 && loss.slopes == [0.025])
  }

  @Test func figuresAreThoseOfTheAnswersKind() throws {
    let objective = BCOObjective(try BCOLoss(beta: 0.5))
    let names = [true, false].map { isGood in
      objective.loss(of: example(isGood: isGood), sums: [-1]).metrics.map { "\($0.key) \($0.value)" }
    }
    #expect(
      names == [
        ["rewards/chosen 0.5", "logps/chosen -1.0", "delta 0.0"],
        ["rewards/rejected 0.5", "logps/rejected -1.0", "delta 0.0"],
      ])
    #expect(objective.figures(from: ["rewards/chosen": 3, "rewards/rejected": 1]) == ["rewards/margins": 2])
    #expect(objective.figures(from: ["rewards/chosen": 3]) == [:])
  }

  @Test func theShiftIsTheMeanOfAllRewardsAndIsRecalled() throws {
    var objective = BCOObjective(try BCOLoss(beta: 0.5))
    #expect(objective.shift == 0)
    try objective.note([example(isGood: true), example(isGood: false)]) { [[[-1]], [[-4]]] }
    #expect(objective.shift == -0.25)
    try objective.note([example(isGood: true)]) { [[[0]]] }
    #expect(objective.shift == 0.5 / 3)
    var other = BCOObjective(try BCOLoss(beta: 0.5))
    try other.recall(objective.memory)
    #expect(other.shift == objective.shift)
    #expect(throws: ObjectiveError.self) { try other.recall([:]) }
  }
}
