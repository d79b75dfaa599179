/// How long a text may become on its way through a tokenizer's steps.
///
/// Steps multiply: ten that write one letter as sixty-four make 10¹⁸ bytes of one. A tokenizer whose steps could make a text more
/// than `most` times as long, or that has more than `mostSteps`, is refused.
struct TextGrowth {
  /// What tokenizers in use come to is 12. Unicode's forms and lower case are left out: they lengthen a text once, whatever their
  /// number.
  static let most = 64.0
  static let mostSteps = 64
  /// The longest text that is looked for at each place of another.
  static let longestPattern = 256

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
