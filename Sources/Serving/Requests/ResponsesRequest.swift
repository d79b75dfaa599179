import JSON
import Text

/// The body of `/v1/responses`: a conversation in other words.
struct ResponsesRequest {
  let chat: ChatRequest
  let fields: RequestFields

  init(_ fields: RequestFields) throws(APIError) {
    self.fields = fields
    var items: [JSON] = []
    let instructions = try fields.string("instructions").map { [Message(role: "system", content: $0)] } ?? []
    guard let input = fields["input"] else { throw fields.missing("input") }
    if let text = input.string {
      items.append(["role": "user", "content": .string(text)])
    } else {
      guard let elements = input.array else { throw fields.mismatch("input", "a string or a list of items", input) }
      guard !elements.isEmpty else { throw .invalid("'input' must not be empty", field: "input") }
      for (index, element) in elements.enumerated() {
        items.append(try Self.message(RequestFields(element, name: "input[\(index)]")))
      }
    }
    for field in ["previous_response_id", "conversation", "prompt", "max_tool_calls"] { try fields.refuse(field) }
    try fields.refuse("background", except: false)
    try fields.refuse("truncation", except: "disabled")
    // The model's reasoning is no secret here that a client would have to keep.
    try fields.refuse("include", except: [], ["reasoning.encrypted_content"])
    try fields.refuse("top_logprobs", except: 0)
    try fields.refuse("n", except: 1)
    if let text = fields["text"] {
      let form = try RequestFields(text, name: "text")
      if form["format"]?["type"] != "text" { try form.refuse("format") }
    }
    let tools = try (fields.array("tools") ?? []).map(Self.tool)
    let chat = fields.setting("tools", .array(tools)).setting("top_logprobs", .null)
    self.chat = try ChatRequest(chat, messages: items, field: "input", after: instructions)
  }

  /// The message that an item is.
  private static func message(_ item: RequestFields) throws(APIError) -> JSON {
    switch try item.string("type") ?? "message" {
    case "message":
      guard let parts = item["content"]?.array else { return item.setting("type", .null).json }
      let texts = parts.map { part -> JSON in
        guard let type = part["type"]?.string, ["input_text", "output_text"].contains(type), let text = part["text"]
        else { return part }
        return ["type": "text", "text": text]
      }
      return ["role": item["role"] ?? .null, "content": .array(texts)]
    case "function_call":
      guard let name = try item.string("name") else { throw item.missing("name") }
      return [
        "role": "assistant",
        "tool_calls": [
          [
            "id": item["call_id"] ?? "", "type": "function",
            "function": ["name": .string(name), "arguments": item["arguments"] ?? "{}"],
          ]
        ],
      ]
    case "function_call_output":
      guard let output = item["output"] else { throw item.missing("output") }
      return ["role": "tool", "tool_call_id": item["call_id"] ?? "", "content": .string(output.string ?? output.text)]
    case let type:
      throw .invalid(
        "'\(item.name("type"))' may be \"message\", \"function_call\" or \"function_call_output\", not "
          + "\"\(type.cut(to: 100))\"", field: item.name("type"))
    }
  }

  /// A tool as chat templates know it, with its function in an object of its own.
  private static func tool(_ tool: JSON) -> JSON {
    guard tool["function"] == nil, var function = tool.object, tool["type"] == "function" else { return tool }
    function["type"] = nil
    return ["type": "function", "function": .object(function)]
  }
}
