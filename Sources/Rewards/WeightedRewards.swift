import JSON

/// Several rewards at once, summed with weights.
public struct WeightedRewards: Sendable {
  /// A reward and what it counts.
  public struct Term: Sendable {
    /// The reward.
    public let reward: any Reward
    /// Its factor in the sum.
    public let weight: Double

    /// A reward that counts `weight` times.
    public init(_ reward: any Reward, weight: Double = 1) { (self.reward, self.weight) = (reward, weight) }
  }

  /// What becomes of an answer for which a reward failed.
  public enum FailurePolicy: String, Sendable, CaseIterable {
    /// The answer has no sum, and is to be left out of its group.
    case leaveOut = "leave-out"
    /// The failed reward counts 0.
    case zero
    /// The failure is an error.
    case stop
  }

  /// The rewards, in the order in which they were given.
  public let terms: [Term]
  /// What becomes of an answer for which a reward failed.
  public let onFailure: FailurePolicy

  /// The sum of `terms`.
  /// - Throws: `RewardError` where there is no term, where two have one name, or where a weight is not finite.
  public init(_ terms: [Term], onFailure: FailurePolicy) throws(RewardError) {
    guard !terms.isEmpty else { throw RewardError("there is no reward; give at least one") }
    var names: Set<String> = []
    for term in terms {
      guard names.insert(term.reward.name).inserted else {
        throw RewardError("the reward '\(term.reward.name)' is there twice; give it once, with the sum of the weights")
      }
      guard term.weight.isFinite else {
        throw RewardError("the weight of the reward '\(term.reward.name)' is \(term.weight); give a finite number")
      }
    }
    (self.terms, self.onFailure) = (terms, onFailure)
  }

  /// The sums for answers, and what each reward said of them.
  /// - Throws: `RewardError`: a reward's own, and under `stop` the first failure.
  public func rewards(for answers: [RewardedAnswer]) throws -> Totals {
    var outcomes: [[RewardOutcome]] = []
    for term in terms {
      let found = try term.reward.rewards(for: answers)
      guard found.count == answers.count else {
        throw RewardError("the reward '\(term.reward.name)' gave \(found.count) outcomes for \(answers.count) answers")
      }
      outcomes.append(found.map(Self.finite))
      guard onFailure == .stop else { continue }
      for case .failed(let reason) in outcomes[outcomes.count - 1] {
        throw RewardError("the reward '\(term.reward.name)' failed: \(reason)")
      }
    }
    let sums = answers.indices.map { index in sum(outcomes.map { $0[index] }) }
    return Totals(sums: sums, parts: zip(terms, outcomes).map { RewardSummary(name: $0.reward.name, outcomes: $1) })
  }

  /// What a person should know of the rewards for records with such columns, a line each.
  /// - Throws: `RewardError` where no reward could be had for them.
  public func remarks(on columns: [JSON]) throws -> [String] {
    try terms.compactMap { term in try term.reward.remark(on: columns).map { "\(term.reward.name): \($0)" } }
  }

  /// The sums of a batch, and its parts.
  public struct Totals: Sendable {
    /// For each answer the weighted sum; nil where no reward has anything to say, or where one failed and the answer is
    /// left out.
    public let sums: [Double?]
    /// What each reward said, in the order of the terms.
    public let parts: [RewardSummary]

    /// The sums of answers, and what they are made of.
    public init(sums: [Double?], parts: [RewardSummary]) { (self.sums, self.parts) = (sums, parts) }
  }

  private func sum(_ outcomes: [RewardOutcome]) -> Double? {
    var sum: Double?
    for (term, outcome) in zip(terms, outcomes) {
      switch outcome {
      case .reward(let value): sum = (sum ?? 0) + term.weight * value
      case .notMine: continue
      case .failed where onFailure == .zero: sum = sum ?? 0
      case .failed: return nil
      }
    }
    return sum
  }

  /// Infinities and NaN would spoil the numbers of a whole group.
  private static func finite(_ outcome: RewardOutcome) -> RewardOutcome {
    guard case .reward(let value) = outcome, !value.isFinite else { return outcome }
    return .failed("the reward is \(value), not a finite number")
  }
}
