import JSON
import Testing

@testable import Rewards

/// Several rewards at once.
@Suite struct WeightedRewardsTests {
  private struct Fixed: Reward {
    let name: String
    let outcomes: [RewardOutcome]
    func rewards(for answers: [RewardedAnswer]) -> [RewardOutcome] { outcomes }
  }

  private static let answers = Array(repeating: RewardedAnswer(prompt: [], text: ""), count: 4)
  private static let first = Fixed(name: "first", outcomes: [.reward(1), .reward(2), .notMine, .notMine])
  private static let second = Fixed(
    name: "second", outcomes: [.reward(3), .failed("no luck"), .reward(.infinity), .notMine])

  private static func totals(_ policy: WeightedRewards.FailurePolicy) throws -> WeightedRewards.Totals {
    try WeightedRewards([.init(first, weight: 2), .init(second, weight: -1)], onFailure: policy).rewards(for: answers)
  }

  @Test func failuresAreCountedAndNeverZeroInSilence() throws {
    let leftOut = try Self.totals(.leaveOut)
    #expect(leftOut.sums == [-1, nil, nil, nil])
    #expect(try Self.totals(.zero).sums == [-1, 4, 0, nil])
    #expect(leftOut.parts.map(\.name) == ["first", "second"] && leftOut.parts.map(\.failureCount) == [0, 2])
    #expect(
      leftOut.parts.map(\.mean) == [1.5, 3]
        && leftOut.parts.map(\.standardDeviation) == [Double(0.5).squareRoot(), nil])
    #expect(leftOut.parts.map(\.firstFailure) == [nil, "no luck"])
    #expect(leftOut.parts[1].outcomes[2] == .failed("the reward is inf, not a finite number"))
    #expect(throws: RewardError("the reward 'second' failed: no luck")) { try Self.totals(.stop) }
  }

  @Test func whatMakesNoSumIsRefused() {
    #expect(throws: RewardError("there is no reward; give at least one")) { try WeightedRewards([], onFailure: .zero) }
    #expect(throws: RewardError("the reward 'first' is there twice; give it once, with the sum of the weights")) {
      try WeightedRewards([.init(Self.first), .init(Self.first)], onFailure: .zero)
    }
    #expect(throws: RewardError("the weight of the reward 'first' is nan; give a finite number")) {
      try WeightedRewards([.init(Self.first, weight: .nan)], onFailure: .zero)
    }
    #expect(throws: RewardError("the reward 'short' gave 1 outcomes for 4 answers")) {
      try WeightedRewards([.init(Fixed(name: "short", outcomes: [.notMine]))], onFailure: .zero).rewards(
        for: Self.answers)
    }
  }
}
