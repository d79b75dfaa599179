/// What it costs a policy to leave its reference, in the loss: β times an estimate of the KL divergence at each token.
public struct KLPenalty: Sendable, Equatable {
  /// How strongly the policy is held to the reference (β).
  public let beta: Double
  /// The estimate.
  public let estimator: KLEstimator
  /// Whether each estimate is multiplied by ρ, through which its gradient flows too: then it has no bias where another policy
  /// sampled, and its gradient is that of the divergence even at ρ = 1 (TRL's `use_bias_correction_kl`).
  public let isCorrected: Bool

  /// A penalty as TRL's GRPO has it.
  /// - Throws: `ObjectiveError` where β is not greater than 0.
  public init(beta: Double, estimator: KLEstimator = .k3, isCorrected: Bool = true) throws {
    try ObjectiveError.check(beta: beta)
    (self.beta, self.estimator, self.isCorrected) = (beta, estimator, isCorrected)
  }

  /// An estimate, and its derivatives by log π and by ρ.
  func callAsFunction(logRatio: Double, ratio ρ: Double) -> (value: Double, byLogProbability: Double, byRatio: Double) {
    let (value, slope) = estimator(logRatio: logRatio)
    return isCorrected ? (value * ρ, slope * ρ, value) : (value, slope, 0)
  }
}
