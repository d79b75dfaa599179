import JSON
import Text

extension Vote {
  /// The conversation that was answered.
  static func prompt(_ fields: RequestFields) throws(APIError) -> [Message] {
    guard let elements = try fields.array("prompt") else { throw fields.missing("prompt") }
    let prompt = try ChatRequest.messages(elements, field: "prompt")
    guard prompt.last?.role == "user" else {
      throw .invalid("'prompt' must end with a message of the user", field: "prompt")
    }
    return prompt
  }
}

extension Vote.Answer {
  /// Reads an answer as clients send it.
  init(_ fields: RequestFields) throws(APIError) {
    guard let model = try fields.string("model") else { throw fields.missing("model") }
    guard let text = try fields.string("content") else { throw fields.missing("content") }
    let finish = try fields.string("finish_reason") ?? "stop"
    guard ["stop", "length"].contains(finish) else {
      throw .invalid(
        "'\(fields.name("finish_reason"))' must be \"stop\" or \"length\", found \"\(finish)\"",
        field: fields.name("finish_reason"))
    }
    self.init(model: model, text: text, isCut: finish == "length")
  }

  /// The answer as the records of its file have it.
  var messages: JSON { [["role": "assistant", "content": .string(text)]] }
}
