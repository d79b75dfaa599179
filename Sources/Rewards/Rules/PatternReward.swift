/// Whether a regular expression matches an answer: 1 or 0.
///
/// Regular expressions are ICU's, which are nearly those of Python and Perl; only `\n` ends a line. An answer on which
/// one takes longer than a second fails.
public struct PatternReward: AnswerReward {
  /// The name in metrics.
  public let name: String
  private let pattern: BoundedPattern

  /// A reward for answers in which `pattern` matches somewhere, or as a whole.
  /// - Throws: `RewardError` for a text that is no regular expression.
  public init(_ pattern: String, matchingWhole: Bool = false, name: String = "pattern") throws(RewardError) {
    // Said of the pattern as it was given, not as it is put in brackets.
    let plain = try BoundedPattern(pattern, dotAll: true)
    self.pattern = matchingWhole ? try BoundedPattern("\\A(?:\(pattern))\\z", dotAll: true) : plain
    self.name = name
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    try pattern.matches(answer.text) ? 1 : 0
  }
}
