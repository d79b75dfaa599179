import Foundation

/// Proximal policy optimization (PPO; Schulman et al. 2017, arXiv 1707.06347, equation 7): the clipped surrogate of each
/// token with an advantage of its own. What holds the policy to its reference is in the rewards, see `TokenRewards`.
///
/// An example is one answer, or several to the same prompt. Columns: `advantage`, one number a token (or one an answer);
/// `oldLogProbability`, absent where the policy that is trained is the one that sampled; `isMasked`; `samplingWeight`;
/// `entropy`, for a metric.
public struct PPOObjective: Objective {
  /// What the loss is the mean of.
  public enum Mean: String, Sendable, CaseIterable {
    /// All tokens of the batch alike, as in TRL and EasyLM.
    case tokens
    /// Answers alike, each the mean of its tokens.
    case answers
  }

  /// What is minimized at each token: `PolicySurrogate.clipped`.
  public let surrogate: PolicySurrogate
  /// What the loss is the mean of.
  public let mean: Mean

  /// An objective.
  /// - Parameters:
  ///   - low: ρ counts down to 1 − low.
  ///   - high: ρ counts up to 1 + high.
  ///   - cap: the most that ρ counts where the advantage is negative (dual clip); greater than 1 + high.
  /// - Throws: `ObjectiveError` for bounds that leave no range.
  public init(low: Double = 0.2, high: Double = 0.2, cap: Double? = nil, mean: Mean = .tokens) throws {
    surrogate = .clipped(low: low, high: high, cap: cap)
    try surrogate.check()
    self.mean = mean
  }

  /// Its tokens, or its answers; an answer without a token counts nowhere.
  public func weight(of example: ScoredExample) -> Double {
    let counts = example.counts.indices.map(example.tokenCount)
    return Double(mean == .tokens ? counts.reduce(0, +) : counts.count { $0 > 0 })
  }

  /// The loss of all its answers, and what TRL reports of them.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    loss(of: example, logProbabilities: values.map { $0.map(Double.init) })
  }

  /// The same in double precision.
  func loss(of example: ScoredExample, logProbabilities: [[Double]]) -> ExampleLoss {
    var (loss, slopes, sums) = (0.0, [[Double]](), [(name: String, value: Double, weight: Double)]())
    for (sequence, values) in logProbabilities.enumerated() {
      let answer = example.policyAnswer(sequence, values)
      let (logRatios, count) = (answer.logRatios, answer.logProbabilities.count)
      guard count > 0 else {
        slopes.append(values.map { _ in 0 })
        continue
      }
      let factor = mean == .tokens ? 1 : 1 / Double(count)
      var (clipped, ratios) = (0.0, 0.0)
      slopes.append(
        zip(logRatios, answer.advantages).map { logRatio, advantage in
          let ρ = exp(logRatio)
          let value = surrogate(ratio: ρ, advantage: advantage, logProbability: 0).scaled(by: answer.weight)
          let isClipped = surrogate.isClipped(ratio: ρ, advantage: advantage)
          loss += value.loss * factor
          clipped += isClipped.low || isClipped.high ? 1 : 0
          ratios += ρ
          return value.byRatio * ρ * factor
        })
      func add(_ name: String, _ value: Double) { sums.append((name, value, Double(count))) }
      add("policy/approxkl_avg", logRatios.reduce(0) { $0 + $1 * $1 / 2 })
      add("policy/clipfrac_avg", clipped)
      add("val/ratio", ratios)
      if let entropies = answer.entropies { add("policy/entropy_avg", entropies.reduce(0, +)) }
    }
    var share = ExampleLoss(loss: loss, slopes: slopes, metrics: ["loss/policy_avg": loss])
    share.sums = sums
    return share
  }

  /// PPO's, of answers.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "ppo", unit: "answers",
      method: "by proximal policy optimization (PPO) on its own answers, which a reward model scored",
      figures: [
        .init("approx. KL", metric: "policy/approxkl_avg", digits: 5),
        .init("clipped", metric: "policy/clipfrac_avg", digits: 4),
      ],
      meaning: """
        `policy/approxkl_avg` is half the mean squared change of a token's log-probability since the answers were sampled; \
        `policy/clipfrac_avg` is the share of tokens whose probability has moved so far that the loss no longer moves it.
        """,
      citations: [Paper.ppo.bibtex])
  }
}

extension Paper {
  static let ppo = Paper(
    "schulman2017proximal", "Proximal Policy Optimization Algorithms",
    "Schulman, John and Wolski, Filip and Dhariwal, Prafulla and Radford, Alec and Klimov, Oleg", year: 2017,
    arXiv: "1707.06347")
}
