import Foundation

/// Of what ρ is the ratio: how much likelier to the policy than to the one that sampled.
public enum ImportanceRatio: String, Sendable, CaseIterable {
  /// Each token, as in PPO and GRPO.
  case token
  /// The answer, by the mean of its tokens' log-ratios (GSPO: Zheng et al. 2025, arXiv 2507.18071, equation 7).
  case sequence
  /// The answer as a whole, by the sum of its tokens' log-ratios, as TRL's RLOO has it.
  case answer

  /// log ρ for each of T tokens by their log-ratios.
  func logarithms(_ logRatios: [Double]) -> [Double] {
    guard self != .token else { return logRatios }
    let sum = logRatios.reduce(0, +)
    return Array(repeating: self == .answer ? sum : sum / Double(max(1, logRatios.count)), count: logRatios.count)
  }

  /// The derivatives of a loss by each token's log-ratio, T, for those by each token's log ρ, T.
  func slopes(_ slopes: [Double]) -> [Double] {
    guard self != .token else { return slopes }
    let sum = slopes.reduce(0, +)
    return Array(repeating: self == .answer ? sum : sum / Double(max(1, slopes.count)), count: slopes.count)
  }
}
