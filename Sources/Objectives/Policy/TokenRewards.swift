/// What the score of an answer is worth token by token, less what it costs to leave the reference (Ziegler et al. 2019, arXiv
/// 1909.08593, equation 2): −β KL_t at each token, and the score where the answer ends.
public struct TokenRewards: Sendable, Equatable {
  /// β.
  public var coefficient: Double
  /// How the divergence is estimated.
  public var estimator: KLEstimator

  /// Rewards with a penalty; β = 0 for none.
  public init(coefficient: Double, estimator: KLEstimator = .k1) {
    (self.coefficient, self.estimator) = (coefficient, estimator)
  }

  /// −β KL_t at each of an answer's T tokens.
  /// - Parameters:
  ///   - policy: log π of each token under the policy that sampled it, T.
  ///   - reference: the same under the reference, T.
  public func penalties(policy: [Double], reference: [Double]) -> [Double] {
    precondition(policy.count == reference.count, "each token has a log-probability under both models")
    return zip(policy, reference).map { coefficient == 0 ? 0 : -coefficient * estimator(logRatio: $0 - $1).value }
  }

  /// The rewards of an answer's T places: the penalties, and the score at the last; or of T + 1 places.
  /// - Parameter isPastEnd: whether the score lies at a place of its own after the last token, as TRL has it where an answer is
  ///   shorter than it may be.
  public func callAsFunction(
    policy: [Double], reference: [Double], score: Double, isPastEnd: Bool = false
  ) -> [Double] {
    var rewards = penalties(policy: policy, reference: reference)
    if isPastEnd { rewards.append(0) }
    if let last = rewards.indices.last { rewards[last] += score }
    return rewards
  }

  /// The reward of an answer as a whole: its score less β times the divergence summed over its tokens, as RLOO has it.
  public func whole(policy: [Double], reference: [Double], score: Double) -> Double {
    penalties(policy: policy, reference: reference).reduce(score, +)
  }
}
