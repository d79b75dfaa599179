/// The loss of an answer that is good or bad, without another to compare it with.
///
/// Δ is the answer's log-probability, summed over its scored tokens, less the reference's; σ is the logistic function.
public struct KTOLoss: Sendable, Equatable {
  /// Which loss, by the name that `--loss` takes.
  public enum Kind: String, Sendable, CaseIterable {
    /// KTO (Ethayarajh et al. 2024, arXiv 2402.01306, equation 7): λ_D (1 − σ(β(Δ − z))) where the answer is good,
    /// λ_U (1 − σ(β(z − Δ))) where it is bad. z is how far the model has moved from the reference.
    case kto
    /// APO-zero of single answers (D'Oosterlinck et al. 2024, arXiv 2408.06266), as TRL has it: KTO's with z = 0.
    case apoZeroUnpaired = "apo_zero_unpaired"

    /// Whether the loss needs z.
    public var needsDivergence: Bool { self == .kto }
  }

  /// Which loss.
  public let kind: Kind
  /// How strongly the policy is held to the reference (β).
  public let beta: Double
  /// How much good answers count (λ_D).
  public let desirableWeight: Double
  /// How much bad answers count (λ_U).
  public let undesirableWeight: Double

  /// A loss with checked parameters.
  /// - Throws: `ObjectiveError` for β ≤ 0, and for weights that are negative or both 0.
  public init(_ kind: Kind, beta: Double, desirableWeight: Double = 1, undesirableWeight: Double = 1) throws {
    try ObjectiveError.check(beta: beta)
    for (name, weight) in [("desirable-weight", desirableWeight), ("undesirable-weight", undesirableWeight)] {
      guard weight >= 0, weight.isFinite else {
        throw ObjectiveError("\(setting: name) must be at least 0, not \(weight)")
      }
    }
    guard desirableWeight + undesirableWeight > 0 else {
      throw ObjectiveError(
        "\(setting: "desirable-weight") and \(setting: "undesirable-weight") must not both be 0: nothing would be learned"
      )
    }
    self.kind = kind
    self.beta = beta
    self.desirableWeight = desirableWeight
    self.undesirableWeight = undesirableWeight
  }

  /// The loss of one answer, and its derivative with respect to Δ.
  /// - Parameters:
  ///   - logRatio: Δ.
  ///   - divergence: z; 0 for a loss that does not need it.
  public func callAsFunction(logRatio: Double, divergence: Double, isGood: Bool) -> (loss: Double, slope: Double) {
    let (sign, weight) = isGood ? (1.0, desirableWeight) : (-1.0, undesirableWeight)
    let surprise = sigmoid(-sign * beta * (logRatio - divergence))
    return (weight * surprise, -sign * weight * beta * surprise * (1 - surprise))
  }
}
