import JSON
import Text

extension ChatRequest {
  /// Messages as OpenAI writes them: contents are texts, or lists of parts that are texts; an assistant's may be null.
  static func messages(_ elements: [JSON], field: String) throws(APIError) -> [Message] {
    var messages: [Message] = []
    messages.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      messages.append(try message(RequestFields(element, name: "\(field)[\(index)]")))
    }
    return messages
  }

  private static func message(_ fields: RequestFields) throws(APIError) -> Message {
    guard var role = try fields.string("role") else { throw fields.missing("role") }
    guard !role.isEmpty else {
      throw .invalid("'\(fields.name("role"))' must not be empty", field: fields.name("role"))
    }
    // The name that newer models of OpenAI use for it.
    if role == "developer" { role = "system" }
    let content = role == "assistant" && fields["content"] == nil ? "" : try text(fields)
    guard var members = fields.json.object?.filter({ $0.value != .null }) else {
      return Message(role: role, content: "")
    }
    members["role"] = .string(role)
    members["content"] = .string(content)
    if let calls = try fields.array("tool_calls") { members["tool_calls"] = .array(try self.calls(calls, fields)) }
    return Message(role: role, content: content, fields: members.count > 2 ? .object(members) : nil)
  }

  /// Calls with their arguments as values: as the text that OpenAI has, templates would quote them.
  static func calls(_ calls: [JSON], _ fields: RequestFields) throws(APIError) -> [JSON] {
    var result: [JSON] = []
    for (index, call) in calls.enumerated() {
      let named = try RequestFields(call, name: fields.name("tool_calls[\(index)]"))
      guard let function = named["function"] else { throw named.missing("function") }
      let described = try RequestFields(function, name: named.name("function"))
      guard try described.string("name") != nil else { throw described.missing("name") }
      guard var members = call.object, var parts = function.object else { continue }
      if let text = parts["arguments"]?.string, let arguments = try? JSON(parsing: text), arguments.object != nil {
        parts["arguments"] = arguments
      }
      members["function"] = .object(parts)
      result.append(.object(members))
    }
    return result
  }

  private static func text(_ fields: RequestFields) throws(APIError) -> String {
    guard let value = fields["content"] else { throw fields.missing("content") }
    if let text = value.string { return text }
    guard let parts = value.array else { throw fields.mismatch("content", "a string or a list of texts", value) }
    var content = ""
    for (index, part) in parts.enumerated() {
      let fields = try RequestFields(part, name: fields.name("content[\(index)]"))
      guard try fields.string("type") == "text", let text = try fields.string("text") else {
        throw .invalid("'\(fields.name("type"))' must be \"text\": only text is understood", field: fields.name("type"))
      }
      content += text
    }
    return content
  }
}
