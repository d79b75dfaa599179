import JSON
import Text

/// The columns of a record, read with errors that name the record and the field.
struct RecordFields {
  /// A column that holds either a text or a conversation.
  enum TextOrMessages {
    case text(String)
    case messages([Message])
  }

  let json: JSON
  let location: RecordLocation

  /// - Parameter expected: what an object of this kind holds, as in "'messages'".
  init(_ json: JSON, location: RecordLocation, expected: String) throws(RecordError) {
    guard json.object != nil else {
      throw RecordError(location, "expected an object with \(expected), found \(json.kind)")
    }
    self.json = json
    self.location = location
    try refuseWrappedRecords()
  }

  /// Whether the column is there and not `null`, which writers of tables put where a row lacks a value.
  func has(_ field: String) -> Bool { json[field].map { $0 != .null } ?? false }

  /// The column's text or messages.
  func textOrMessages(_ field: String) throws(RecordError) -> TextOrMessages {
    switch json[field] {
    case .string(let text): return .text(text)
    case .array: return .messages(try messages(field))
    case let other: throw mismatch(field, "a list of messages or a string", other)
    }
  }

  /// The prompt's messages: a string is the user's.
  func prompt(_ field: String) throws(RecordError) -> [Message] {
    switch try textOrMessages(field) {
    case .text(let text): [Message(role: "user", content: text)]
    case .messages(let messages): messages
    }
  }

  /// The answer's messages, the assistant's at their end: a string is the assistant's.
  func answer(_ field: String, to prompt: [Message]) throws(RecordError) -> [Message] {
    switch try textOrMessages(field) {
    case .text(let text): return [Message(role: "assistant", content: text)]
    case .messages(let messages):
      try requireAnswer(messages, field, to: prompt)
      return messages
    }
  }

  /// A field's text.
  func string(_ value: JSON?, _ field: String) throws(RecordError) -> String {
    guard let text = value?.string else { throw mismatch(field, "a string", value) }
    return text
  }

  /// The error of a field that holds something else than it should, or is not there.
  func mismatch(_ field: String, _ expected: String, _ found: JSON?) -> RecordError {
    guard let found else { return RecordError(location, field: field, "is missing; expected \(expected)") }
    return RecordError(location, field: field, "must be \(expected), found \(found.kind)")
  }

  /// Refuses answers to a prompt that begin with another prompt, or end with somebody else's message.
  func requireAnswer(_ messages: [Message], _ field: String, to prompt: [Message]) throws(RecordError) {
    if let first = messages.first, first.role == "user" || first.role == "system" {
      let same = zip(prompt, messages).prefix { $0.isIdentical(to: $1) }.count
      let difference =
        switch (same < prompt.count, same < messages.count) {
        case (true, true) where prompt[same].role != messages[same].role:
          "its message \(same + 1) is of the role '\(messages[same].role)', the prompt's of '\(prompt[same].role)'"
        case (true, true): "its message \(same + 1) says something else than the prompt's"
        default: "the answer is missing"
        }
      throw RecordError(
        location, field: field,
        "begins with the role '\(first.role)' and so should repeat 'prompt', but \(difference); an answer begins with the "
          + "assistant")
    }
    try requireAssistantLast(messages, field)
  }

  /// Refuses answers that end with somebody else's message.
  func requireAssistantLast(_ messages: [Message], _ field: String) throws(RecordError) {
    guard let last = messages.last, last.role != "assistant" else { return }
    throw RecordError(location, field: field, "must end with an assistant's message, found the role '\(last.role)'")
  }

  /// The columns that are there, for messages.
  var columns: String {
    let names = json.object?.keys.prefix(8).map { "'\($0)'" } ?? []
    return names.isEmpty ? "no columns" : names.joined(separator: ", ")
  }
}
