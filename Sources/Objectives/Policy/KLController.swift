import Wording

/// How much it costs a policy to leave its reference (β), held or adapted to a divergence that is aimed at.
public struct KLController: Sendable, Equatable {
  /// β.
  public private(set) var coefficient: Double
  /// The divergence of an answer, in nats, that is aimed at; nil where β is held.
  public let target: Double?
  /// After so many answers at a divergence of 1.2 times the target or more, β has grown by about a fifth.
  public let horizon: Double

  /// β that stays as it is.
  /// - Throws: `ObjectiveError` where it is negative.
  public init(fixed coefficient: Double) throws {
    guard coefficient >= 0, coefficient.isFinite else {
      throw ObjectiveError("\(setting: "kl-coef") must be at least 0, not \(coefficient)")
    }
    (self.coefficient, target, horizon) = (coefficient, nil, 1)
  }

  /// β that grows where the divergence exceeds a target, and falls where it stays below (Ziegler et al. 2019, arXiv 1909.08593,
  /// section 2.2).
  /// - Throws: `ObjectiveError` where a number is not greater than 0.
  public init(adaptive coefficient: Double, target: Double, horizon: Double = 10_000) throws {
    for (name, number) in [("kl-coef", coefficient), ("kl-target", target), ("kl-horizon", horizon)] {
      guard number > 0, number.isFinite else {
        throw ObjectiveError("\(setting: name) must be greater than 0, not \(number)")
      }
    }
    (self.coefficient, self.target, self.horizon) = (coefficient, target, horizon)
  }

  /// Takes note of a batch: β ← β (1 + clip(KL / target − 1, ±0.2) · answers / horizon).
  /// - Parameter divergence: the mean over answers of the divergence summed over an answer's tokens.
  public mutating func update(divergence: Double, answers: Int) {
    guard let target, divergence.isFinite else { return }
    let error = min(max(divergence / target - 1, -0.2), 0.2)
    coefficient *= max(0, 1 + error * Double(answers) / horizon)
  }
}
