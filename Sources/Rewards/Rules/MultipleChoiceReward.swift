/// Whether an answer names the right choice by its letter: 1 or 0.
///
/// The choice is the first letter after `Answer:` (OpenAI's simple-evals, MMLU and GPQA). In an answer without that it is
/// the last capital letter after "the answer is" (chain-of-thought prompts, Wei et al. 2022, arXiv 2201.11903), in
/// parentheses or not.
public struct MultipleChoiceReward: AnswerReward {
  /// The name in metrics.
  public let name = "choice"
  private let column: String
  private let letters: [Unicode.Scalar]

  /// A reward for `count` choices, A, B, …, of which `column` holds the right one's letter, or its number from 0.
  /// - Throws: `RewardError` for fewer than two choices or more than 26.
  public init(count: Int = 4, column: String = "ground_truth") throws(RewardError) {
    guard (2...26).contains(count) else { throw RewardError("there are 2 to 26 choices, not \(count)") }
    self.column = column
    letters = (0..<count).map { Unicode.Scalar(UInt8(ascii: "a") + UInt8($0)) }
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    let target = PythonText.lower(PythonText.strip(try answer.text(of: column)))
    let index = Int(target) ?? letters.firstIndex { String($0) == target }
    guard let index, letters.indices.contains(index) else {
      throw RewardError(
        "the record's column '\(column)' is neither a letter nor the number of one of \(letters.count) choices")
    }
    return choice(in: answer.text) == letters[index] ? 1 : 0
  }

  /// The letter of the choice, in lower case; nil where an answer names none.
  package func choice(in text: String) -> Unicode.Scalar? {
    let bytes = Array(text.utf8)
    let lowered = bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    func letters(after words: String, skipping skipped: String, isCapital: Bool) -> [Unicode.Scalar] {
      PythonText.offsets(of: Array(words.utf8), in: lowered).compactMap { offset in
        let start = lowered[(offset + words.utf8.count)...].firstIndex { !skipped.utf8.contains($0) }
        guard let start, let letter = self.letters.first(where: { UInt8(ascii: $0) == lowered[start] }) else {
          return nil
        }
        // "The answer is a dog" names no choice, nor does "Answer: Apples".
        if isCapital, lowered[start] == bytes[start] { return nil }
        let next = String(decoding: bytes[(start + 1)...].prefix(4), as: UTF8.self).unicodeScalars.first
        return next.map(PythonText.isWord) == true ? nil : letter
      }
    }
    return letters(after: "answer:", skipping: " \t$*", isCapital: false).first
      ?? letters(after: "the answer is", skipping: " \t$*:(", isCapital: true).last
  }
}
