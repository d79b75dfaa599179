import JSON
import Text

/// A conversation to imitate: supervised fine-tuning scores each of the assistant's messages.
///
/// Read from `messages`, a list of `{"role", "content"}`; or from `prompt` and `completion`, each a string or a list of
/// messages. Texts stay as they stand in the file.
public struct Conversation: DatasetRecord, Hashable {
  /// The turns, the assistant's at least once among them.
  public let messages: [Message]
  /// Where the record stands.
  public let location: RecordLocation

  /// `messages`, `prompt`, `completion`.
  public static var fields: [[String]]? { [["messages"], ["prompt"], ["completion"]] }

  /// The messages before the assistant's first.
  package var prompt: [Message] { Array(messages.prefix { $0.role != "assistant" }) }

  /// A conversation of `messages`.
  public init(messages: [Message], location: RecordLocation) {
    self.messages = messages
    self.location = location
  }

  /// Reads `messages`, or `prompt` and `completion`.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, and a conversation in which
  ///   the assistant says nothing.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let expected = "'messages', or 'prompt' and 'completion'"
    let fields = try RecordFields(json, location: location, expected: expected)
    if fields.has("messages") {
      messages = try fields.messages("messages")
      guard messages.contains(where: { $0.role == "assistant" }) else {
        throw RecordError(location, field: "messages", "holds no assistant's message, so there is nothing to learn")
      }
    } else if fields.has("prompt") || fields.has("completion") {
      messages = try fields.prompt("prompt") + fields.answer("completion")
    } else {
      throw RecordError(location, "expected \(expected), found \(fields.columns)")
    }
    self.location = location
  }
}
