/// What the rewards of a group are divided by, once their mean is taken off, by the names of TRL's `scale_rewards`.
public enum RewardScale: String, Sendable, CaseIterable {
  /// Their own standard deviation.
  case group
  /// That of all groups' rewards together, each with its mean.
  case batch
  /// Nothing, as in Dr. GRPO (Liu et al. 2025, arXiv 2503.20783).
  case none
}
