import JSON
import Text

/// An answer to be rewarded, and what is known of it.
public struct RewardedAnswer: Sendable {
  /// The conversation that was answered.
  public let prompt: [Message]
  /// The answer, without the token that ended it.
  public let text: String
  /// The answer's tokens, the one that ended it included.
  public let tokens: [Int32]
  /// Whether the model ended the answer; false where it was cut at the limit of length.
  public let hasEnded: Bool
  /// The other columns of the prompt's record, as `ground_truth`: an object.
  public let columns: JSON

  /// An answer to `prompt`.
  public init(
    prompt: [Message], text: String, tokens: [Int32] = [], hasEnded: Bool = true, columns: JSON = .object([:])
  ) {
    (self.prompt, self.text, self.tokens, self.hasEnded, self.columns) = (prompt, text, tokens, hasEnded, columns)
  }

  /// A column that says what is right, as text; numbers as they are written.
  func text(of column: String) throws(RewardError) -> String {
    switch columns[column] {
    case .string(let text): return text
    case .integer, .number: return columns[column]?.text ?? ""
    case .none: throw RewardError("the record has no column '\(column)'")
    case .some(let other): throw RewardError("the record's column '\(column)' is \(other.kind), not a text or a number")
    }
  }

  /// Whether the record's column `dataset` names another verifier than this one, as in Tülu 3's mixed data for RLVR.
  func isFor(anotherThan verifier: String) -> Bool {
    guard let name = columns["dataset"]?.string.map(PythonText.lower) else { return false }
    // Whatever else stands there says where the record is from.
    return !PythonText.areEqual(name, verifier)
      && ["gsm8k", "math", "ifeval"].contains { PythonText.areEqual($0, name) }
  }
}
