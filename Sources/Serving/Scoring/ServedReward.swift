import Rewards

/// What the server needs of a reward model.
public protocol ServedReward: Sendable {
  /// The name that `/v1/score` gives.
  var name: String { get }
  /// What each answer is worth.
  /// - Returns: one outcome for each answer, in their order.
  func rewards(for answers: [RewardedAnswer]) async throws -> [RewardOutcome]
}
