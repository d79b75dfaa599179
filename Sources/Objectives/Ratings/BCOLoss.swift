/// Binary classifier optimization (Jung et al. 2024, arXiv 2404.04656): −log σ(r − δ) where an answer is good, −log σ(δ − r)
/// where it is bad.
///
/// r is β times the answer's log-probability less the reference's; δ is the paper's reward shift, for which the mean of all
/// rewards stands.
public struct BCOLoss: Sendable, Equatable {
  /// How strongly the policy is held to the reference (β).
  public let beta: Double

  /// A loss with checked parameters.
  /// - Throws: `ObjectiveError` for β ≤ 0.
  public init(beta: Double) throws {
    try ObjectiveError.check(beta: beta)
    self.beta = beta
  }

  /// The loss of one answer, and its derivative with respect to the log-ratio r/β.
  /// - Parameter shift: δ.
  public func callAsFunction(logRatio: Double, shift: Double, isGood: Bool) -> (loss: Double, slope: Double) {
    let sign = isGood ? 1.0 : -1.0
    let margin = sign * (beta * logRatio - shift)
    return (-logSigmoid(margin), -sign * beta * sigmoid(-margin))
  }
}
