import Rewards

/// A reward under another name, where two would have the same.
struct NamedReward: Reward {
  let name: String
  let reward: any Reward

  func rewards(for answers: [RewardedAnswer]) throws -> [RewardOutcome] { try reward.rewards(for: answers) }
}

extension WeightedRewards {
  /// Rewards with weights; of several with one name the later ones are numbered.
  /// - Throws: `RewardError` where there is no reward, or where a weight is not finite.
  public init(_ rewards: [any Reward], weights: [Double], onFailure: FailurePolicy) throws(RewardError) {
    var counts: [String: Int] = [:]
    let terms = zip(rewards, weights).map { reward, weight in
      let count = counts[reward.name, default: 0] + 1
      counts[reward.name] = count
      return Term(count == 1 ? reward : NamedReward(name: "\(reward.name)-\(count)", reward: reward), weight: weight)
    }
    try self.init(terms, onFailure: onFailure)
  }
}
