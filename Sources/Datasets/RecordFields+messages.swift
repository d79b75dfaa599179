import JSON
import Text

extension RecordFields {
  /// The column's messages, at least one.
  func messages(_ field: String) throws(RecordError) -> [Message] {
    guard let elements = json[field]?.array else { throw mismatch(field, "a list of messages", json[field]) }
    guard !elements.isEmpty else { throw RecordError(location, field: field, "must not be an empty list") }
    var messages: [Message] = []
    messages.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() { messages.append(try message(element, "\(field)[\(index)]")) }
    return messages
  }

  private func message(_ element: JSON, _ name: String) throws(RecordError) -> Message {
    guard let members = element.object else { throw mismatch(name, "an object with 'role' and 'content'", element) }
    let role = try string(element["role"], "\(name).role")
    guard !role.isEmpty else { throw RecordError(location, field: "\(name).role", "must not be empty") }
    if members.count == 2, let content = element["content"]?.string { return Message(role: role, content: content) }
    // Tables put null where a row lacks a value; an answer that is null is one that only calls tools.
    let fields = members.filter { $0.value != .null || $0.key == "content" }
    if let calls = fields["tool_calls"] { try checkCalls(calls, "\(name).tool_calls") }
    _ = try weight(fields["weight"], "\(name).weight")
    let content = try content(of: JSON.object(fields), role, name)
    let isPlain = fields.count == 2 && fields["content"]?.string != nil
    return Message(role: role, content: content, fields: isPlain ? nil : .object(fields))
  }

  /// The text of a message's content.
  private func content(of message: JSON, _ role: String, _ name: String) throws(RecordError) -> String {
    let field = "\(name).content"
    switch message["content"] {
    case .string(let text): return text
    case nil where Self.saysWithoutContent(message), .null where Self.saysWithoutContent(message): return ""
    case .array(let parts):
      var text = ""
      for (index, part) in parts.enumerated() { text += try self.text(ofPart: part, "\(field)[\(index)]") }
      return text
    case .some(let value) where !["system", "user", "assistant"].contains(role) && value != .null: return value.text
    case let other: throw mismatch(field, "a string", other)
    }
  }

  private func text(ofPart part: JSON, _ name: String) throws(RecordError) -> String {
    if let text = part.string { return text }
    guard part["type"]?.string ?? "text" == "text", let text = part["text"]?.string else {
      throw RecordError(
        location, field: name, "must be a text, {\"type\": \"text\", \"text\": …}: models of text read nothing else")
    }
    return text
  }

  /// Whether a message may do without a text.
  private static func saysWithoutContent(_ message: JSON) -> Bool {
    if message["tool_calls"]?.array?.isEmpty == false { return true }
    return ["reasoning_content", "reasoning", "thinking"].contains { message[$0]?.string?.isEmpty == false }
  }

  private func checkCalls(_ calls: JSON, _ name: String) throws(RecordError) {
    guard let calls = calls.array else { throw mismatch(name, "a list of calls", calls) }
    for (index, call) in calls.enumerated() where call.object == nil {
      throw mismatch("\(name)[\(index)]", "an object with the 'function' that is called", call)
    }
  }
}

extension [Message] {
  /// Says so where a template is given a text for the arguments of a call.
  var remark: String? {
    let isSpelled = contains { message in
      message.toolCalls.contains { ($0["function"] ?? $0)["arguments"]?.string != nil }
    }
    return isSpelled
      ? "the arguments of a tool call are a string; a chat template gets it as it is, and may write it quoted" : nil
  }
}
