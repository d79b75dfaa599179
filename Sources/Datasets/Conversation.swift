import JSON
import Text

/// A conversation to imitate: supervised fine-tuning scores each of the assistant's messages.
///
/// Read from `messages`, a list of `{"role", "content"}`; or from `prompt` and `completion`, each a string or a list of
/// messages. Texts stay as they stand in the file; whatever else a message holds goes to the chat template with it, and so
/// do `tools`, `documents` and `chat_template_kwargs`. A `system` column is a message before the others. The record and each of the
/// assistant's messages may have a `weight`, which multiply.
public struct Conversation: DatasetRecord, Hashable {
  /// The turns, the assistant's at least once among them.
  public let messages: [Message]
  /// What the chat template is given besides.
  public let context: ChatContext
  /// How much it counts: the weights of its tokens are multiplied by it, and with 0 it is not learned.
  public let weight: Double
  /// Something odd but allowed.
  public let remark: String?
  /// Where the record stands.
  public let location: RecordLocation

  /// `messages`, `prompt`, `completion`, and those around them.
  public static var fields: [[String]]? { [["messages"], ["prompt"], ["completion"], ["label"]] + RecordFields.around }

  /// The messages before the assistant's first.
  package var prompt: [Message] { Array(messages.prefix { $0.role != "assistant" }) }

  /// Whether a weight of the record or of one of the assistant's messages is not 1.
  package var isWeighted: Bool { weight != 1 || messages.contains { $0.role == "assistant" && $0.weight != 1 } }

  /// A conversation of `messages`.
  public init(
    messages: [Message], context: ChatContext = ChatContext(), weight: Double = 1, location: RecordLocation
  ) {
    self.messages = messages
    self.context = context
    self.weight = weight
    self.location = location
    remark = messages.remark
  }

  /// Reads `messages`, or `prompt` and `completion`.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, a conversation in which
  ///   the assistant says nothing, and one that is labelled as good or bad.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let expected = "'messages', or 'prompt' and 'completion'"
    let fields = try RecordFields(json, location: location, expected: expected)
    try fields.refuseLabel()
    let messages: [Message]
    if fields.has("messages") {
      messages = try fields.messages("messages")
      guard messages.contains(where: { $0.role == "assistant" }) else {
        throw RecordError(location, field: "messages", "holds no assistant's message, so there is nothing to learn")
      }
    } else if fields.has("prompt") || fields.has("completion") {
      let prompt = try fields.prompt("prompt")
      messages = prompt + (try fields.answer("completion", to: prompt))
    } else {
      throw RecordError(location, "expected \(expected), found \(fields.columns)")
    }
    self.messages = try fields.withSystem(messages)
    weight = try fields.weight()
    remark = messages.remark
    context = try fields.context()
    self.location = location
  }
}
