import Foundation

/// Policy optimization by answers whose advantages are known: GRPO (Shao et al. 2024, arXiv 2402.03300) with its variants,
/// and RLOO (Ahmadian et al. 2024, arXiv 2402.14740).
///
/// An example is a prompt with one answer a sequence, be it one answer or the whole group; what the answers share is computed
/// once. Columns: `advantage`, one number an answer or one a token; `oldLogProbability`, absent where the policy that is
/// trained is the one that sampled, so that ρ = 1; `referenceLogProbability`, needed with a penalty; `isMasked`, for answers
/// that were cut off; `samplingWeight`, which the surrogate is multiplied by and the penalty is not. With the column `entropy` there is a metric of that name.
///
/// As in TRL, a masked answer has no tokens: it counts where answers are counted (`grpo`, `dr_grpo`, `luspo`), and adds
/// nothing to the loss. An answer without a reward has advantage 0 and counts as any other. A batch that has no token weighs
/// 0 where tokens are counted; its loss is then 0, and so is its gradient.
public struct GroupPolicyObjective: Objective {
  /// What is minimized at each token.
  public let surrogate: PolicySurrogate
  /// Of what ρ is the ratio.
  public let importance: ImportanceRatio
  /// How tokens become a batch.
  public let aggregation: PolicyAggregation
  /// The most tokens that an answer may have; what `dr_grpo` divides by.
  public let maximumLength: Int?
  /// What leaving the reference costs; nil where there is no reference.
  public let penalty: KLPenalty?

  /// An objective; by default that of TRL's `GRPOConfig`.
  /// - Throws: `ObjectiveError` for bounds that leave no range, and where `dr_grpo` has no length.
  public init(
    _ surrogate: PolicySurrogate = .clipped(low: 0.2, high: 0.2), importance: ImportanceRatio = .token,
    aggregation: PolicyAggregation = .dapo, maximumLength: Int? = nil, penalty: KLPenalty? = nil
  ) throws {
    try surrogate.check()
    guard aggregation != .drGRPO || (maximumLength ?? 0) > 0 else {
      throw ObjectiveError("dr_grpo divides by the greatest length of an answer, which must be given and at least 1")
    }
    self.surrogate = surrogate
    self.importance = importance
    self.aggregation = aggregation
    self.maximumLength = maximumLength
    self.penalty = penalty
  }

  /// Its answers, or their tokens.
  public func weight(of example: ScoredExample) -> Double {
    let sequences = example.counts.indices
    return Double(aggregation.countsAnswers ? sequences.count : sequences.reduce(0) { $0 + example.tokenCount($1) })
  }

  /// The loss of all its answers, and what TRL reports of them.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    loss(of: example, logProbabilities: values.map { $0.map(Double.init) })
  }

  /// The same in double precision.
  func loss(of example: ScoredExample, logProbabilities: [[Double]]) -> ExampleLoss {
    var (loss, slopes, figures) = (0.0, [[Double]](), PolicyFigures(surrogate, importance))
    for (sequence, values) in logProbabilities.enumerated() {
      let answer = example.policyAnswer(sequence, values)
      let own = self.loss(of: answer, into: &figures)
      let factor = aggregation.factor(tokens: own.slopes.count, maximumLength: maximumLength)
      loss += own.loss * factor
      slopes.append(own.slopes.isEmpty ? values.map { _ in 0 } : own.slopes.map { $0 * factor })
    }
    return figures.added(to: ExampleLoss(loss: loss, slopes: slopes))
  }

  /// The sum over an answer's tokens, and its slopes.
  private func loss(of answer: PolicyAnswer, into figures: inout PolicyFigures) -> (loss: Double, slopes: [Double]) {
    let now = answer.logProbabilities
    let ratios = importance.logarithms(answer.logRatios).map(exp)
    var (loss, direct, byLogRatio, divergences) = (0.0, [Double](), [Double](), [Double]())
    for (token, ρ) in ratios.enumerated() {
      var value = surrogate(ratio: ρ, advantage: answer.advantages[token], logProbability: now[token])
      value = value.scaled(by: answer.weight)
      loss += value.loss
      if let penalty {
        guard let reference = answer.reference else { preconditionFailure("the example has no reference") }
        let cost = penalty(logRatio: now[token] - reference[token], ratio: ρ)
        loss += penalty.beta * cost.value
        value.byLogProbability += penalty.beta * cost.byLogProbability
        value.byRatio += penalty.beta * cost.byRatio
        divergences.append(cost.value)
      }
      direct.append(value.byLogProbability)
      byLogRatio.append(value.byRatio * ρ)
    }
    figures.add(answer, ratios: ratios, divergences: divergences)
    return (loss, zip(direct, importance.slopes(byLogRatio)).map { $0 + $1 })
  }
}
