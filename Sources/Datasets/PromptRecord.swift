import JSON
import Text

/// A prompt to answer: `messages`, the last of them not the assistant's, or `prompt`, a string or a list of messages.
public struct PromptRecord: DatasetRecord, Hashable {
  /// The conversation that awaits an answer.
  public let messages: [Message]
  /// What the chat template is given besides.
  public let context: ChatContext
  /// The whole record, an object: rewards find in it what is right.
  public let columns: JSON
  /// Where the record stands.
  public let location: RecordLocation

  /// Reads `messages` or `prompt`.
  /// - Throws: `RecordError` for a field that is missing or of another kind, an empty list, and a conversation that the
  ///   assistant has answered already.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let expected = "'messages' or 'prompt'"
    let fields = try RecordFields(json, location: location, expected: expected)
    let messages: [Message]
    if fields.has("prompt") {
      messages = try fields.prompt("prompt")
    } else if fields.has("messages") {
      messages = try fields.messages("messages")
    } else {
      throw RecordError(location, "expected \(expected), found \(fields.columns)")
    }
    guard messages.last?.role != "assistant" else {
      throw RecordError(location, field: "messages", "ends with the assistant's answer, so there is nothing to answer")
    }
    self.messages = try fields.withSystem(messages)
    context = try fields.context()
    columns = json
    self.location = location
  }
}
