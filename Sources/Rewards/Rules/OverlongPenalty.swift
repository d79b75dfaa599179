/// DAPO's soft overlong punishment (Yu et al. 2025, arXiv 2503.14476, equation 13): 0 for answers of up to `longest -
/// buffer` tokens, then falling in a line to -1 at `longest`, and -1 beyond.
public struct OverlongPenalty: AnswerReward {
  /// The name in metrics.
  public let name = "overlong"
  private let longest: Int
  private let buffer: Int

  /// The punishment for answers longer than `longest - buffer` tokens.
  /// - Throws: `RewardError` for lengths that are no lengths.
  public init(longest: Int, buffer: Int) throws(RewardError) {
    guard buffer >= 0, longest >= buffer, longest > 0 else {
      throw RewardError(
        "an answer has at least one token, and its buffer at most as many: not \(longest) and \(buffer)")
    }
    (self.longest, self.buffer) = (longest, buffer)
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) -> Double? {
    let excess = answer.tokens.count - (longest - buffer)
    if excess <= 0 { return 0 }
    return answer.tokens.count > longest ? -1 : -Double(excess) / Double(buffer)
  }
}
