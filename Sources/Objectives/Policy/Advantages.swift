/// How much better answers, or their tokens, are than was to be expected.
///
/// Rewards come by groups of answers to the same prompt. An answer without a reward (nil, or no finite number) is left out of
/// every mean, and its advantage is 0.
public enum Advantages {
  /// Each reward less its group's mean, by a standard deviation (n − 1) + `epsilon`: GRPO (Shao et al. 2024, arXiv 2402.03300,
  /// section 4.1.2), as TRL has it. One reward alone has no deviation, and advantage 0.
  public static func groupRelative(
    _ rewards: [[Double?]], scale: RewardScale = .group, epsilon: Double = 1e-4
  ) -> [[Double]] {
    let batch = scale == .batch ? standardDeviation(rewards.joined().finite) : nil
    return rewards.map { group in
      let known = group.finite
      let mean = mean(known)
      let deviation = scale == .group ? standardDeviation(known) : batch
      return group.map { reward in
        guard let reward, reward.isFinite else { return 0 }
        if scale == .none { return reward - mean }
        return deviation.map { (reward - mean) / ($0 + epsilon) } ?? 0
      }
    }
  }

  /// Each reward less the mean of the group's others (RLOO: Kool et al. 2019; Ahmadian et al. 2024, arXiv 2402.14740,
  /// equation 8). One reward alone has nothing to compare it with, and advantage 0.
  /// - Parameter isNormalized: whether the mean of all advantages is taken off, and they are divided by their standard
  ///   deviation (n − 1) + `epsilon`.
  public static func leaveOneOut(
    _ rewards: [[Double?]], isNormalized: Bool = false, epsilon: Double = 1e-4
  ) -> [[Double]] {
    let advantages = rewards.map { group -> [Double?] in
      let known = group.finite
      let sum = known.reduce(0, +)
      return group.map { reward in
        guard let reward, reward.isFinite, known.count > 1 else { return nil }
        return reward - (sum - reward) / Double(known.count - 1)
      }
    }
    guard isNormalized else { return advantages.map { $0.map { $0 ?? 0 } } }
    let known = advantages.joined().finite
    guard let deviation = standardDeviation(known) else { return advantages.map { $0.map { _ in 0 } } }
    let mean = mean(known)
    return advantages.map { $0.map { $0.map { ($0 - mean) / (deviation + epsilon) } ?? 0 } }
  }

  /// Generalized advantage estimation over the T places of one answer, after which nothing follows (Schulman et al. 2015, arXiv
  /// 1506.02438, equation 16): A_t = δ_t + γλ A_{t+1}, δ_t = r_t + γ V_{t+1} − V_t; returns are A + V.
  /// - Parameters:
  ///   - rewards: r, T.
  ///   - values: V at the place before each token, T.
  public static func generalized(
    rewards: [Double], values: [Double], gamma: Double = 1, lambda: Double = 0.95
  ) -> (advantages: [Double], returns: [Double]) {
    precondition(rewards.count == values.count, "each place has a reward and a value")
    var advantages = Array(repeating: 0.0, count: rewards.count)
    var (later, nextValue) = (0.0, 0.0)
    for place in rewards.indices.reversed() {
      later = rewards[place] + gamma * nextValue - values[place] + gamma * lambda * later
      (advantages[place], nextValue) = (later, values[place])
    }
    return (advantages, zip(advantages, values).map { $0 + $1 })
  }

  /// 0 for no number.
  package static func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(max(1, numbers.count)) }

  /// With n − 1; nil for fewer than two.
  package static func standardDeviation(_ numbers: [Double]) -> Double? {
    guard numbers.count > 1 else { return nil }
    let mean = mean(numbers)
    return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)).squareRoot()
  }
}

extension Sequence<Double?> {
  /// Those that are numbers.
  fileprivate var finite: [Double] { compactMap { $0 }.filter(\.isFinite) }
}
