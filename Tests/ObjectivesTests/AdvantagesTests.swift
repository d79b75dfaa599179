import Foundation
import Testing

@testable import Objectives

@Suite struct AdvantagesTests {
  private func expect(_ own: [[Double]], _ expected: [[Double]]) {
    #expect(own.map(\.count) == expected.map(\.count))
    for (own, expected) in zip(own.joined(), expected.joined()) {
      #expect(abs(own - expected) < 1e-12, "\(own), expected \(expected)")
    }
  }

  @Test func groups() {
    let rewards: [[Double?]] = [[1, 3], [2, 2], [0, nil, 4, 2]]
    let root = 2.0.squareRoot()
    expect(
      Advantages.groupRelative(rewards),
      [[-1 / (root + 1e-4), 1 / (root + 1e-4)], [0, 0], [-2 / 2.0001, 0, 2 / 2.0001, 0]])
    expect(Advantages.groupRelative(rewards, scale: .none), [[-1, 1], [0, 0], [-2, 0, 2, 0]])
    // Of 1, 3, 2, 2, 0, 4 and 2 the mean is 2, and the variance 10/6.
    let deviation = (10.0 / 6).squareRoot() + 1e-4
    expect(
      Advantages.groupRelative(rewards, scale: .batch),
      [[-1 / deviation, 1 / deviation], [0, 0], [-2 / deviation, 0, 2 / deviation, 0]])
  }

  @Test(arguments: RewardScale.allCases) func answersWithNothingToCompare(scale: RewardScale) {
    expect(
      Advantages.groupRelative([[5, nil], [nil, nil], [], [.nan, .infinity]], scale: scale),
      [[0, 0], [0, 0], [], [0, 0]])
    expect(Advantages.leaveOneOut([[5, nil], [nil, nil], []]), [[0, 0], [0, 0], []])
    expect(Advantages.leaveOneOut([[5, nil]], isNormalized: true), [[0, 0]])
  }

  /// The baselines of NeMo-Aligner's tests: rewards 1, 0, −3, 5 of one prompt, and 2, 7, −1 and an invalid one of another.
  @Test func leavingOneOut() {
    let rewards: [[Double?]] = [[1, 0, -3, 5], [2, 7, -1, nil]]
    let baselines: [[Double]] = [[2.0 / 3, 1, 2, -2.0 / 3], [3, 1.0 / 2, 9.0 / 2, 0]]
    let expected = zip(rewards, baselines).map { rewards, baselines in
      zip(rewards, baselines).map { reward, baseline in reward.map { $0 - baseline } ?? 0 }
    }
    expect(Advantages.leaveOneOut(rewards), expected)
    // Of advantages −1 and 1 the deviation is √2.
    let root = 2.0.squareRoot() + 1e-4
    expect(Advantages.leaveOneOut([[1, 2]], isNormalized: true), [[-1 / root, 1 / root]])
  }

  /// NeMo-Aligner's test, which has λ = 0, and one by hand.
  @Test func generalized() {
    let plain = Advantages.generalized(rewards: [0, 0, 1, 0], values: [0, 1, 2, 3], gamma: 0.5, lambda: 0)
    expect([plain.advantages], [[0.5, 0, 0.5, -3]])
    // δ = 1 + ½·4 − 2 = 1, 3 − 4 = −1; A = 1 + ¼·(−1), −1.
    let two = Advantages.generalized(rewards: [1, 3], values: [2, 4], gamma: 0.5, lambda: 0.5)
    expect([two.advantages, two.returns], [[0.75, -1], [2.75, 3]])
    #expect(Advantages.generalized(rewards: [], values: []).returns.isEmpty)
  }

  @Test func pairs() throws {
    func choice(_ scores: [Double?]) -> [Int]? { PairChoice(scores: scores).map { [$0.chosen, $0.rejected] } }
    #expect(choice([1, 2]) == [1, 0] && choice([2, 1]) == [0, 1] && choice([1, 1]) == [0, 1])
    #expect(choice([1, 3, nil, 3, 0, 0]) == [1, 5] && choice([nil, 2, .nan, 2]) == [1, 3])
    #expect(choice([1]) == nil && choice([nil, 1]) == nil && choice([]) == nil)
  }

  @Test func answersWithoutAnEnd() {
    #expect(MissingEnd.replaced(by: -10)(3) == -10 && MissingEnd.reduced(by: 1)(3) == 2)
  }
}
