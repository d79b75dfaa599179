import Foundation

/// The divergence that holds the policy to the reference (f-DPO: Wang et al. 2023, arXiv 2309.16240, table 1). A score is f′ of
/// u = π/π_ref, given here by Δ = log u.
public enum FDivergence: String, Sendable, CaseIterable {
  /// DPO's own: f′ = log u (+ 1, which cancels).
  case reverseKL = "reverse-kl"
  /// f′ = 1 − 1/u (less 1, which cancels).
  case forwardKL = "forward-kl"
  /// Jensen-Shannon: f′ = log(2u / (1 + u)).
  case js = "js-divergence"
  /// f′ = (u^(α−1) − 1) / (α − 1), which TRL calls the α-divergence: the paper's with 1 − α for α. With α = 1 it is the reverse KL,
  /// with α = 0 the forward one.
  case alpha = "alpha-divergence"

  /// The divergence of a name, with hyphens or underscores.
  public init?(named name: String) { self.init(rawValue: name.replacing("_", with: "-")) }

  /// f′ of e^Δ, and its derivative with respect to Δ.
  func score(_ Δ: Double, alpha: Double) -> (value: Double, slope: Double) {
    switch self {
    case .reverseKL: (Δ, 1)
    case .forwardKL: power(Δ, -1)
    case .js: (log(2) + logSigmoid(Δ), sigmoid(-Δ))
    case .alpha: abs(alpha - 1) < 1e-6 ? (Δ, 1) : power(Δ, alpha - 1)
    }
  }

  /// (u^k − 1) / k. As in TRL's α-divergence exponents end at 80, which an untrained policy's long answers may well exceed.
  private func power(_ Δ: Double, _ k: Double) -> (value: Double, slope: Double) {
    let isBeyond = k * Δ > 80
    let power = exp(isBeyond ? 80 : k * Δ)
    return ((power - 1) / k, isBeyond ? 0 : power)
  }

  static let paper = Paper(
    "wang2023beyond",
    "Beyond Reverse {KL}: Generalizing Direct Preference Optimization with Diverse Divergence Constraints",
    "Wang, Chaoqi and Jiang, Yibo and Yang, Chenghao and Liu, Han and Chen, Yuxin", year: 2023, arXiv: "2309.16240")
}
