import JSON
import Text

/// An answer that somebody found good or bad, with nothing beside it to compare it with.
///
/// Read from `prompt`, `completion` and `label`: `prompt` is the user's message or a list of messages, `completion` the
/// assistant's or a list that continues the prompt, `label` is true or 1 where the answer is good, false or 0 where it is bad.
/// Texts stay as they stand in the file; `system`, `tools`, `documents` and `chat_template_kwargs` are as for pairs.
public struct Rating: DatasetRecord, Hashable {
  /// The conversation up to the answer.
  public let prompt: [Message]
  /// The answer: what follows the prompt, with an assistant's message at the end.
  public let completion: [Message]
  /// Whether the answer is good.
  public let isGood: Bool
  /// What the chat template is given besides.
  public let context: ChatContext
  /// Whether it counts: its `weight` is not 0.
  public let isLearned: Bool
  /// Something odd but allowed.
  public let remark: String?
  /// Where the record stands.
  public let location: RecordLocation

  /// `prompt`, `completion`, `label`, and those around them.
  public static var fields: [[String]]? { [["prompt"], ["completion"], ["label"]] + RecordFields.around }

  /// Reads `prompt`, `completion` and `label`.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, and an answer that does not end
  ///   with an assistant's message.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'prompt', 'completion' and 'label'")
    let prompt = try fields.prompt("prompt")
    completion = try fields.answer("completion", to: prompt)
    isGood = try fields.label()
    self.prompt = try fields.withSystem(prompt)
    context = try fields.context()
    let weight = try fields.weight()
    isLearned = weight != 0
    remark = RecordFields.remark(weight, prompt + completion) ?? (prompt + completion).remark
    self.location = location
  }

  /// One side of a pair.
  init(_ pair: PreferencePair, isGood: Bool) {
    prompt = pair.prompt
    completion = isGood ? pair.chosen : pair.rejected
    self.isGood = isGood
    context = pair.context
    isLearned = pair.isLearned
    remark = nil
    location = pair.location
  }

  /// Whether a record says of an answer whether it is good.
  static func isOne(_ json: JSON) -> Bool { json["completion"] != nil && json["label"]?.truth != nil }
}

extension RecordFields {
  fileprivate func label() throws(RecordError) -> Bool {
    guard let isGood = json["label"]?.truth else { throw mismatch("label", "true or false, or 1 or 0", json["label"]) }
    return isGood
  }
}

extension JSON {
  /// Yes or no, also as 1 or 0.
  var truth: Bool? {
    if let bool { return bool }
    return switch double {
    case 1: true
    case 0: false
    default: nil
    }
  }
}
