import Wording

/// What stands for the expected advantage of a token: a loss of ρ, how much likelier the token is to the policy than to the
/// one that sampled it, and of its advantage A.
public enum PolicySurrogate: Sendable, Equatable {
  /// −min(min(ρ, δ)A, clip(ρ, 1 − ε_low, 1 + ε_high)A) (PPO: Schulman et al. 2017, arXiv 1707.06347, equation 7), ε_low and
  /// ε_high apart as in DAPO (Yu et al. 2025, arXiv 2503.14476). δ bounds what a negative advantage can do (the dual clip of
  /// Ye et al. 2020, arXiv 1912.09729, equation 4); without it nothing does.
  case clipped(low: Double, high: Double, cap: Double? = nil)
  /// −min(ρ, ε_high)A log π, where no gradient flows through ρ (CISPO: MiniMax 2025, arXiv 2506.13585, equation 4).
  case cispo(maximum: Double)
  /// −σ(τ(ρ − 1))·4A/τ, where τ is one for A > 0 and another for the rest (SAPO: Gao et al. 2025, arXiv 2511.20347).
  case sapo(positive: Double, negative: Double)

  /// The loss of a token and how it falls.
  struct Value {
    /// The loss.
    let loss: Double
    /// Its derivative by ρ.
    var byRatio = 0.0
    /// Its derivative by log π itself.
    var byLogProbability = 0.0

    /// The same of a loss so many times as large.
    func scaled(by factor: Double) -> Value {
      Value(loss: loss * factor, byRatio: byRatio * factor, byLogProbability: byLogProbability * factor)
    }
  }

  func callAsFunction(ratio ρ: Double, advantage A: Double, logProbability: Double) -> Value {
    switch self {
    case .clipped(let low, let high, let cap):
      let (free, clipped) = (min(ρ, cap ?? .infinity) * A, min(max(ρ, 1 - low), 1 + high) * A)
      guard free <= clipped else { return Value(loss: -clipped) }
      return Value(loss: -free, byRatio: ρ <= cap ?? .infinity ? -A : 0)
    case .cispo(let maximum):
      let weight = min(ρ, maximum)
      return Value(loss: -weight * A * logProbability, byLogProbability: -weight * A)
    case .sapo(let positive, let negative):
      let τ = A > 0 ? positive : negative
      let gate = sigmoid(τ * (ρ - 1))
      return Value(loss: -gate * 4 / τ * A, byRatio: -4 * gate * (1 - gate) * A)
    }
  }

  /// Whether ρ lies below the range, or above it, where the advantage pushes it further. Only the lower and upper bounds of
  /// `clipped` and the upper one of `cispo` are such.
  func isClipped(ratio ρ: Double, advantage A: Double) -> (low: Bool, high: Bool) {
    switch self {
    case .clipped(let low, let high, _): (ρ < 1 - low && A < 0, ρ > 1 + high && A > 0)
    case .cispo(let maximum): (false, ρ > maximum && A > 0)
    case .sapo: (false, false)
    }
  }

  func check() throws {
    func require(_ isRight: Bool, _ wording: @autoclosure () -> Wording) throws {
      guard isRight else { throw ObjectiveError(wording()) }
    }
    switch self {
    case .clipped(let low, let high, let cap):
      try require(low >= 0 && low <= 1, "\(setting: "epsilon") must be from 0 to 1, not \(low)")
      try require(high >= 0 && high.isFinite, "\(setting: "epsilon-high") must be at least 0, not \(high)")
      guard let cap else { return }
      try require(
        cap > 1 + high && cap.isFinite,
        "\(setting: "delta") must be greater than 1 + \(setting: "epsilon-high"), not \(cap)")
    case .cispo(let maximum):
      try require(
        maximum > 0 && maximum.isFinite, "\(setting: "epsilon-high") must be greater than 0 with CISPO, not \(maximum)")
    case .sapo(let positive, let negative):
      for τ in [positive, negative] {
        try require(τ > 0 && τ.isFinite, "a temperature of SAPO must be greater than 0, not \(τ)")
      }
    }
  }
}
