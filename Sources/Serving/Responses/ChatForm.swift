import JSON

/// Answers of `/v1/chat/completions`.
enum ChatForm: AnswerForm {
  static let idPrefix = "chatcmpl-"
  static let object = "chat.completion"
  static let partObject = "chat.completion.chunk"

  static func opening(index: Int) -> JSON? {
    [
      "index": .integer(index), "delta": ["role": "assistant", "content": ""], "logprobs": .null,
      "finish_reason": .null,
    ]
  }

  static func part(_ piece: GeneratedPiece, index: Int, offset: Int, scored: Bool) -> JSON {
    [
      "index": .integer(index), "delta": delta(piece),
      "logprobs": scored && !piece.tokens.isEmpty ? logProbabilities(piece.tokens) : .null,
      "finish_reason": piece.finishJSON,
    ]
  }

  static func choice(_ piece: GeneratedPiece, index: Int, scored: Bool) -> JSON {
    var message: TextKeyed<JSON> = [
      "role": "assistant", "content": .string(piece.text), "refusal": .null,
    ]
    if !piece.calls.isEmpty {
      if piece.text.isEmpty { message["content"] = .null }
      message["tool_calls"] = .array(piece.calls.map { .object(fields($0)) })
    }
    return [
      "index": .integer(index), "message": .object(message),
      "logprobs": scored ? logProbabilities(piece.tokens) : .null, "finish_reason": piece.finishJSON,
    ]
  }

  private static func delta(_ piece: GeneratedPiece) -> JSON {
    var delta: TextKeyed<JSON> = [:]
    if !piece.text.isEmpty { delta["content"] = .string(piece.text) }
    if !piece.calls.isEmpty {
      delta["tool_calls"] = .array(
        piece.calls.map { call in
          var members = fields(call)
          members["index"] = .integer(call.index)
          return .object(members)
        })
    }
    return .object(delta)
  }

  private static func fields(_ call: ToolCall) -> TextKeyed<JSON> {
    [
      "id": .string(call.id), "type": "function",
      "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
    ]
  }

  private static func logProbabilities(_ tokens: [ScoredToken]) -> JSON {
    let content = tokens.compactMap { token in
      token.score.map { score in
        JSON.object(
          fields(score).merging(["top_logprobs": .array(token.alternatives.map { .object(fields($0)) })]) { $1 })
      }
    }
    return ["content": .array(content), "refusal": .null]
  }

  private static func fields(_ token: ScoredToken.Alternative) -> TextKeyed<JSON> {
    // Parts of a character are known by their bytes only.
    ["token": .string(token.text), "logprob": token.json, "bytes": .array(token.bytes.map { .integer(Int($0)) })]
  }
}
