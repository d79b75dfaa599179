import JSON
import Text

/// The body of `/v1/chat/completions`.
struct ChatRequest {
  let generation: GenerationRequest
  let messages: [Message]
  /// As in `SamplingOptions.alternatives`.
  let alternatives: Int?

  init(_ fields: RequestFields) throws(APIError) {
    generation = try GenerationRequest(fields)
    guard let elements = try fields.array("messages") else { throw fields.missing("messages") }
    guard !elements.isEmpty else { throw .invalid("'messages' must not be empty", field: "messages") }
    messages = try Self.messages(elements, field: "messages")
    let wantsLogProbabilities = try fields.bool("logprobs") ?? false
    let top = try fields.int("top_logprobs", in: 0...20)
    guard wantsLogProbabilities || top == nil else {
      throw .invalid("'top_logprobs' needs 'logprobs': true", field: "top_logprobs")
    }
    alternatives = wantsLogProbabilities ? top ?? 0 : nil
    try fields.refuse("tools", except: [])
    try fields.refuse("functions", except: [])
    try fields.refuse("tool_choice", except: "none", "auto")
    try fields.refuse("response_format", except: ["type": "text"])
    try fields.refuse("modalities", except: ["text"])
    try fields.refuse("audio")
  }

  /// Messages as OpenAI writes them: contents are texts, or lists of parts that are texts.
  static func messages(_ elements: [JSON], field: String) throws(APIError) -> [Message] {
    var messages: [Message] = []
    messages.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      let fields = try RequestFields(element, name: "\(field)[\(index)]")
      guard let role = try fields.string("role") else { throw fields.missing("role") }
      guard !role.isEmpty else {
        throw .invalid("'\(fields.name("role"))' must not be empty", field: fields.name("role"))
      }
      // The name that newer models of OpenAI use for it.
      messages.append(Message(role: role == "developer" ? "system" : role, content: try content(fields)))
    }
    return messages
  }

  private static func content(_ fields: RequestFields) throws(APIError) -> String {
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
