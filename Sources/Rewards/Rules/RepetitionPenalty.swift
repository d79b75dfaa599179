/// The share of an answer's n-grams of tokens that are repetitions, times a penalty (Yeo et al. 2025, "Demystifying
/// Long Chain-of-Thought Reasoning in LLMs", arXiv 2502.03373, appendix C.2, as TRL has it): 0 where none occurs twice.
public struct RepetitionPenalty: AnswerReward {
  /// The name in metrics.
  public let name = "repetition"
  private let order: Int
  private let penalty: Double

  /// A penalty of at most `penalty`, which is 0 or less, for repeated runs of `order` tokens.
  /// - Throws: `RewardError` for an order below 1, or a penalty that is no penalty.
  public init(order: Int = 3, penalty: Double = -1) throws(RewardError) {
    guard order >= 1 else { throw RewardError("an n-gram has at least one token, not \(order)") }
    guard penalty.isFinite, penalty <= 0 else { throw RewardError("a penalty is 0 or less, not \(penalty)") }
    (self.order, self.penalty) = (order, penalty)
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) -> Double? {
    let count = answer.tokens.count - order + 1
    guard count > 0 else { return 0 }
    let distinct = Set((0..<count).map { answer.tokens[$0..<($0 + order)] }).count
    return distinct == count ? 0 : (1 - Double(distinct) / Double(count)) * penalty
  }
}
