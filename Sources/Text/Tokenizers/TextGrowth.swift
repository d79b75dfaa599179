/// How long a text may become on its way through a tokenizer's steps.
///
/// Steps multiply: ten that write one letter as sixty-four make 10¹⁸ bytes of one. A tokenizer whose steps could make a text more
/// than `most` times as long, or that has more than `mostSteps`, is refused.
struct TextGrowth {
  /// SentencePiece's own normalization of one character is at most 18 times as long; several steps of tokenizers that are in use
  /// come to 24.
  static let most = 64.0
  static let mostSteps = 64

  private var factor = 1.0
  private var steps = 0

  /// Counts a step that writes `pattern` bytes as `content` bytes at most.
  mutating func add(_ pattern: Int = 1, as content: Int = 1, in fields: Fields) throws(TokenizerProblem) {
    steps += 1
    factor *= max(1, Double(content) / Double(pattern))
    guard steps <= Self.mostSteps else { throw fields.problem("has more than \(Self.mostSteps) steps") }
    guard factor <= Self.most else {
      throw fields.problem("could make a text more than \(Int(Self.most)) times as long")
    }
  }
}
