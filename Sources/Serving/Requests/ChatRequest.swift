import JSON
import Text

/// The body of `/v1/chat/completions`.
struct ChatRequest {
  let generation: GenerationFields
  let messages: [Message]
  /// What the chat template is given besides.
  let context: ChatContext
  /// The functions that may be called; nil where none may.
  let tools: Set<String>?
  /// Whether the last message goes on.
  let continuesMessage: Bool
  /// As in `AnswerOptions.alternatives`.
  let alternatives: Int?

  init(_ fields: RequestFields) throws(APIError) {
    guard let elements = try fields.array("messages") else { throw fields.missing("messages") }
    try self.init(fields, messages: elements, field: "messages")
  }

  /// - Parameters:
  ///   - field: what the messages are called in errors.
  ///   - first: messages that come before them.
  init(
    _ fields: RequestFields, messages elements: [JSON], field: String, after first: [Message] = []
  ) throws(APIError) {
    generation = try GenerationFields(fields)
    guard !elements.isEmpty else { throw .invalid("'\(field)' must not be empty", field: field) }
    messages = first + (try Self.messages(elements, field: field))
    let wantsLogProbabilities = try fields.bool("logprobs") ?? false
    let top = try fields.int("top_logprobs", in: 0...20)
    guard wantsLogProbabilities || top == nil else {
      throw .invalid("'top_logprobs' needs 'logprobs': true", field: "top_logprobs")
    }
    alternatives = wantsLogProbabilities ? top ?? 0 : nil
    var context = try ChatContext(fields)
    try fields.refuse("tool_choice", except: "none", "auto")
    if !context.tools.isEmpty { try fields.refuse("parallel_tool_calls", except: true) }
    // A model that is shown no tools calls none.
    if fields["tool_choice"] == "none" { context.tools = [] }
    self.context = context
    tools = context.tools.isEmpty ? nil : Set(context.tools.compactMap { $0["function"]?["name"]?.string })
    continuesMessage = try fields.bool("continue_final_message") ?? false
    if continuesMessage, messages.last?.content.isEmpty != false {
      throw .invalid(
        "'continue_final_message' needs a last message that says something", field: "continue_final_message")
    }
    try fields.refuse("add_generation_prompt", except: .bool(!continuesMessage))
    try fields.refuse("functions", except: [])
    try fields.refuse("function_call", except: "none")
    try fields.refuse("modalities", except: ["text"])
    try fields.refuse("audio")
    try fields.refuse("echo", except: false)
  }
}

extension ChatContext {
  /// The tools, documents and template variables of a request.
  init(_ fields: RequestFields) throws(APIError) {
    let tools = try fields.array("tools") ?? []
    for (index, tool) in tools.enumerated() {
      let tool = try RequestFields(tool, name: fields.name("tools[\(index)]"))
      guard try tool.string("type") ?? "function" == "function" else {
        throw .invalid("'\(tool.name("type"))' must be \"function\"", field: tool.name("type"))
      }
      guard let function = tool["function"] else { throw tool.missing("function") }
      let described = try RequestFields(function, name: tool.name("function"))
      guard try described.string("name")?.isEmpty == false else { throw described.missing("name") }
    }
    let variables = try fields["chat_template_kwargs"].map { variables throws(APIError) in
      guard let members = variables.object else {
        throw fields.mismatch("chat_template_kwargs", "an object", variables)
      }
      return members
    }
    self.init(tools: tools, documents: try fields.array("documents") ?? [], variables: variables ?? [:])
  }
}
