/// Whether an answer names the right choice by its letter: 1 or 0.
///
/// The choice is the first letter after `Answer:` (OpenAI's simple-evals, MMLU and GPQA); in an answer without it the last letter after
/// "the answer is" (Chain-of-thought prompts, Wei et al. 2022, arXiv 2201.11903), in parentheses or not. Upper and lower case are the same.
public struct MultipleChoiceReward: AnswerReward {
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

  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    let target = PythonText.lower(PythonText.strip(try answer.text(of: column)))
    let index = Int(target) ?? letters.firstIndex { String($0) == target }
    guard let index, letters.indices.contains(index) else {
      throw RewardError("the record's column '\(column)' is neither a letter nor the number of one of \(letters.count) choices")
    }
    return choice(in: answer.text) == letters[index] ? 1 : 0
  }

  /// The letter of the choice, in lower case; nil where an answer names none.
  func choice(in text: String) -> Unicode.Scalar? {
    let text = PythonText.lower(text)
    func letters(after words: String, skipping skipped: Set<Unicode.Scalar>) -> [Unicode.Scalar] {
      PythonText.split(text, by: words).dropFirst().compactMap { piece in
        let rest = piece.unicodeScalars.drop(while: skipped.contains)
        guard let letter = rest.first, self.letters.contains(letter) else { return nil }
        // "The answer is a dog" names no choice.
        return rest.dropFirst().first.map(PythonText.isWord) == true ? nil : letter
      }
    }
    return letters(after: "answer:", skipping: [" ", "\t", "$", "*"]).first
      ?? letters(after: "the answer is", skipping: [" ", "\t", "$", "*", ":", "("]).last
  }
}
