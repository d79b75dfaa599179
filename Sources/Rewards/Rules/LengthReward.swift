/// Whether an answer has a length that was asked for: 1 or 0.
public struct LengthReward: AnswerReward {
  /// What is counted.
  public enum Unit: String, Sendable, CaseIterable {
    /// Runs of letters, digits and underscores, as IFEval counts words.
    case words
    /// The policy's tokens, the one that ends the answer included.
    case tokens
  }

  /// The name in metrics.
  public let name = "length"
  private let unit: Unit
  private let range: ClosedRange<Int>

  /// A reward for answers of at least `least` and at most `most` words or tokens.
  /// - Throws: `RewardError` where no length is in between.
  public init(_ unit: Unit, atLeast least: Int = 0, atMost most: Int = .max) throws(RewardError) {
    guard least >= 0, least <= most else {
      throw RewardError("no answer has at least \(least) and at most \(most) \(unit)")
    }
    (self.unit, range) = (unit, least...most)
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) -> Double? {
    range.contains(unit == .words ? PythonText.wordCount(answer.text) : answer.tokens.count) ? 1 : 0
  }
}
