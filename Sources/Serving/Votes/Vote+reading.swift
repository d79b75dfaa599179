import JSON
import Text

extension Vote {
  /// The conversation that was answered, which ends with the user's words or with what tools gave back.
  static func prompt(_ fields: RequestFields) throws(APIError) -> [Message] {
    guard let elements = try fields.array("prompt") else { throw fields.missing("prompt") }
    let prompt = try ChatRequest.messages(elements, field: "prompt")
    guard let last = prompt.last?.role, ["user", "tool"].contains(last) else {
      throw .invalid("'prompt' must end with a message of the user, or of a tool", field: "prompt")
    }
    return prompt
  }

  /// The tools that the models were offered: training is to show them too.
  static func tools(_ fields: RequestFields) throws(APIError) -> TextKeyed<JSON> {
    let tools = try ChatContext(fields).tools
    return tools.isEmpty ? [:] : ["tools": .array(tools)]
  }
}

extension Vote.Answer {
  /// Reads an answer as clients send it.
  init(_ fields: RequestFields) throws(APIError) {
    guard let model = try fields.string("model") else { throw fields.missing("model") }
    let calls = try ChatRequest.calls(fields.array("tool_calls") ?? [], fields)
    guard let text = try fields.string("content") ?? (calls.isEmpty ? nil : "") else { throw fields.missing("content") }
    let finish = try fields.string("finish_reason") ?? "stop"
    guard ["stop", "length", "tool_calls"].contains(finish) else {
      throw .invalid(
        "'\(fields.name("finish_reason"))' must be \"stop\", \"length\" or \"tool_calls\", found \"\(finish.cut(to: 100))\"",
        field: fields.name("finish_reason"))
    }
    self.init(model: model, text: text, calls: calls, isCut: finish == "length")
  }

  /// The answer as the records of its file have it.
  var messages: JSON {
    var message: TextKeyed<JSON> = ["role": "assistant", "content": .string(text)]
    if !calls.isEmpty { message["tool_calls"] = .array(calls) }
    return [.object(message)]
  }

  /// Whether it says and calls the same as another; the names of calls are made up.
  func isSame(as other: Self) -> Bool {
    text.utf8.elementsEqual(other.text.utf8) && calls.map { $0["function"] } == other.calls.map { $0["function"] }
  }
}
