import JSON
import Text

/// A prompt with a better and a worse answer.
///
/// Read from `chosen` and `rejected`, and `prompt` where there is one:
/// - strings with a `prompt`, which is the user's message (or a list of messages);
/// - strings without a `prompt` that are transcripts, `"\n\nHuman: …\n\nAssistant: …"` (as in HH-RLHF);
/// - lists of `{"role", "content"}` that continue a `prompt`;
/// - lists that hold the whole conversations: the prompt is what they have in common at the start.
///
/// Texts stay as they stand in the file.
public struct PreferencePair: DatasetRecord, Hashable {
  /// The conversation up to the answers.
  public let prompt: [Message]
  /// The better answer: what follows the prompt, with an assistant's message at the end.
  public let chosen: [Message]
  /// The worse answer, in the same form.
  public let rejected: [Message]
  /// Where the record stands.
  public let location: RecordLocation

  /// A pair of answers to `prompt`.
  public init(prompt: [Message], chosen: [Message], rejected: [Message], location: RecordLocation) {
    self.prompt = prompt
    self.chosen = chosen
    self.rejected = rejected
    self.location = location
  }

  /// `prompt`, `chosen`, `rejected`.
  public static var fields: [[String]]? { [["prompt"], ["chosen"], ["rejected"]] }

  /// Says so where both answers are the same, which teaches nothing.
  public var remark: String? {
    let areIdentical = chosen.elementsEqual(rejected) { $0.isIdentical(to: $1) }
    return areIdentical ? "'chosen' and 'rejected' are the same" : nil
  }

  /// Reads `chosen`, `rejected` and `prompt` in any of the forms above.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, answers that do not end with
  ///   an assistant's message, and conversations that share no prompt.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'chosen' and 'rejected'")
    switch (try fields.textOrMessages("chosen"), try fields.textOrMessages("rejected")) {
    case (.text(let chosen), .text(let rejected)):
      if fields.has("prompt") {
        let prompt = try fields.prompt("prompt")
        let answers = [chosen, rejected].map { [Message(role: "assistant", content: $0)] }
        self.init(prompt: prompt, chosen: answers[0], rejected: answers[1], location: location)
      } else {
        self = try Self(
          conversations: fields.transcript(chosen, "chosen"), fields.transcript(rejected, "rejected"), fields)
      }
    case (.messages(let chosen), .messages(let rejected)):
      self = try Self(lists: chosen, rejected, fields)
    case (.text, .messages):
      throw fields.mismatch("rejected", "a string as 'chosen' is", json["rejected"])
    case (.messages, .text):
      throw fields.mismatch("rejected", "a list of messages as 'chosen' is", json["rejected"])
    }
  }

  /// Answers as lists: they continue the `prompt`, or hold whole conversations.
  private init(lists chosen: [Message], _ rejected: [Message], _ fields: RecordFields) throws(RecordError) {
    guard fields.has("prompt") else {
      self = try Self(conversations: chosen, rejected, fields)
      return
    }
    let prompt = try fields.prompt("prompt")
    // Many published sets repeat in the column what the conversations begin with; where it is a string, TRL always
    // takes it so.
    let isRepeated = [chosen, rejected].allSatisfy { answer in
      answer.count > prompt.count && answer.starts(with: prompt) { $0.isIdentical(to: $1) }
    }
    let isTitle = fields.json["prompt"]?.string != nil && chosen.first?.role != "assistant"
    if isRepeated || isTitle {
      self = try Self(conversations: chosen, rejected, fields)
    } else {
      try fields.requireAssistantLast(chosen, "chosen")
      try fields.requireAssistantLast(rejected, "rejected")
      self.init(prompt: prompt, chosen: chosen, rejected: rejected, location: fields.location)
    }
  }

  /// Whole conversations: the answers begin with the first message that differs, at the latest with the last one.
  private init(
    conversations chosen: [Message], _ rejected: [Message], _ fields: RecordFields
  ) throws(RecordError) {
    try fields.requireAssistantLast(chosen, "chosen")
    try fields.requireAssistantLast(rejected, "rejected")
    guard let pair = Self(chosen: chosen, rejected: rejected, location: fields.location) else {
      throw RecordError(
        fields.location, "'chosen' and 'rejected' must begin with the same message, or continue a 'prompt'")
    }
    self = pair
  }

  /// The pair of two whole conversations; nil where they do not begin with the same message.
  init?(chosen: [Message], rejected: [Message], location: RecordLocation) {
    let shared = zip(chosen.dropLast(), rejected.dropLast()).prefix { $0.isIdentical(to: $1) }.count
    guard shared > 0 else { return nil }
    self.init(
      prompt: Array(chosen.prefix(shared)), chosen: Array(chosen.dropFirst(shared)),
      rejected: Array(rejected.dropFirst(shared)), location: location)
  }
}
