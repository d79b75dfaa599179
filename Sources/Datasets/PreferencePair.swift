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
/// Texts stay as they stand in the file; whatever else a message holds goes to the chat template with it, and so do `tools`,
/// `documents` and `chat_template_kwargs`. A `system` column is a message before the prompt.
public struct PreferencePair: DatasetRecord, Hashable {
  /// The conversation up to the answers.
  public let prompt: [Message]
  /// The better answer: what follows the prompt, with an assistant's message at the end.
  public let chosen: [Message]
  /// The worse answer, in the same form.
  public let rejected: [Message]
  /// What the chat template is given besides.
  public let context: ChatContext
  /// Whether it counts: its `weight` is not 0.
  public let isLearned: Bool
  /// By how much the better answer is better, where its column `margin` says so: a reward model's training uses it.
  public let margin: Double?
  /// Something odd but allowed.
  public let remark: String?
  /// Where the record stands.
  public let location: RecordLocation

  /// A pair of answers to `prompt`.
  public init(
    prompt: [Message], chosen: [Message], rejected: [Message], context: ChatContext = ChatContext(),
    location: RecordLocation
  ) {
    self.init(
      prompt: prompt, chosen: chosen, rejected: rejected, context: context, isLearned: true, margin: nil, remark: nil,
      location: location)
  }

  private init(
    prompt: [Message], chosen: [Message], rejected: [Message], context: ChatContext, isLearned: Bool,
    margin: Double?, remark: String?, location: RecordLocation
  ) {
    self.isLearned = isLearned
    self.margin = margin
    self.prompt = prompt
    self.chosen = chosen
    self.rejected = rejected
    self.context = context
    self.remark = remark ?? (prompt + chosen + rejected).remark
    self.location = location
  }

  /// `prompt`, `chosen`, `rejected`, and those around them.
  public static var fields: [[String]]? { [["prompt"], ["chosen"], ["rejected"], ["margin"]] + RecordFields.around }

  /// Whether a record holds a pair, or what should be one. Tables put null where a row lacks a value.
  static func isOne(_ json: JSON) -> Bool {
    let found = [json["chosen"], json["rejected"]].compactMap(\.self)
    return found.contains { $0 != .null } || !found.isEmpty && json["completion"] == nil && json["messages"] == nil
  }

  /// Whether both answers are the same messages.
  package var hasSameAnswers: Bool { chosen.elementsEqual(rejected) { $0.isIdentical(to: $1) } }

  /// Reads `chosen`, `rejected` and `prompt` in any of the forms above.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, answers that do not end with
  ///   an assistant's message, and conversations that share no prompt or not the prompt beside them.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'chosen' and 'rejected'")
    let parts: Parts
    switch (try fields.textOrMessages("chosen"), try fields.textOrMessages("rejected")) {
    case (.text(let chosen), .text(let rejected)):
      if fields.has("prompt") {
        let answers = [chosen, rejected].map { [Message(role: "assistant", content: $0)] }
        parts = Parts(prompt: try fields.prompt("prompt"), chosen: answers[0], rejected: answers[1])
      } else {
        parts = try Self.parts(
          conversations: fields.transcript(chosen, "chosen"), fields.transcript(rejected, "rejected"), fields)
      }
    case (.messages(let chosen), .messages(let rejected)):
      parts = try Self.parts(lists: chosen, rejected, fields)
    case (.text, .messages):
      throw fields.mismatch("rejected", "a string as 'chosen' is", json["rejected"])
    case (.messages, .text):
      throw fields.mismatch("rejected", "a list of messages as 'chosen' is", json["rejected"])
    }
    let weight = try fields.weight()
    self.init(
      prompt: try fields.withSystem(parts.prompt), chosen: parts.chosen, rejected: parts.rejected,
      context: try fields.context(), isLearned: weight != 0, margin: fields.json["margin"]?.double,
      remark: parts.remark ?? RecordFields.remark(weight, parts.prompt + parts.chosen + parts.rejected)
        ?? fields.marginRemark,
      location: location)
  }

  private struct Parts {
    var prompt: [Message]
    var chosen: [Message]
    var rejected: [Message]
    var remark: String?
  }

  /// Answers as lists: they continue the `prompt`, or hold whole conversations.
  private static func parts(
    lists chosen: [Message], _ rejected: [Message], _ fields: RecordFields
  ) throws(RecordError) -> Parts {
    guard fields.has("prompt") else { return try parts(conversations: chosen, rejected, fields) }
    let prompt = try fields.prompt("prompt")
    // Many published sets repeat in the column what the conversations begin with; where it is a string, TRL always
    // takes it so.
    let isRepeated = [chosen, rejected].allSatisfy { answer in
      answer.count > prompt.count && answer.starts(with: prompt) { $0.isIdentical(to: $1) }
    }
    if let title = fields.json["prompt"]?.string, chosen.first?.role != "assistant" {
      var parts = try parts(conversations: chosen, rejected, fields)
      if !parts.prompt.contains(where: { $0.content.holdsBytes(of: title) }) {
        parts.remark = "'prompt' is not part of the conversation in 'chosen', and is ignored"
      }
      return parts
    }
    if isRepeated { return try parts(conversations: chosen, rejected, fields) }
    try fields.requireAnswer(chosen, "chosen", to: prompt)
    try fields.requireAnswer(rejected, "rejected", to: prompt)
    return Parts(prompt: prompt, chosen: chosen, rejected: rejected)
  }

  /// Whole conversations: the answers begin with the first message that differs, at the latest with the last one.
  private static func parts(
    conversations chosen: [Message], _ rejected: [Message], _ fields: RecordFields
  ) throws(RecordError) -> Parts {
    try fields.requireAssistantLast(chosen, "chosen")
    try fields.requireAssistantLast(rejected, "rejected")
    let shared = sharedCount(chosen, rejected)
    guard shared > 0 else {
      throw RecordError(
        fields.location, "'chosen' and 'rejected' must begin with the same message, or continue a 'prompt'")
    }
    return Parts(
      prompt: Array(chosen.prefix(shared)), chosen: Array(chosen.dropFirst(shared)),
      rejected: Array(rejected.dropFirst(shared)))
  }

  /// The pair of two whole conversations; nil where they do not begin with the same message.
  init?(chosen: [Message], rejected: [Message], location: RecordLocation) {
    let shared = Self.sharedCount(chosen, rejected)
    guard shared > 0 else { return nil }
    self.init(
      prompt: Array(chosen.prefix(shared)), chosen: Array(chosen.dropFirst(shared)),
      rejected: Array(rejected.dropFirst(shared)), location: location)
  }

  /// How many messages two conversations begin with alike, before the last of either.
  private static func sharedCount(_ chosen: [Message], _ rejected: [Message]) -> Int {
    zip(chosen.dropLast(), rejected.dropLast()).prefix { $0.isIdentical(to: $1) }.count
  }
}
