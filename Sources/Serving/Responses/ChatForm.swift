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
      "index": .integer(index), "delta": piece.text.isEmpty ? [:] : ["content": .string(piece.text)],
      "logprobs": scored && !piece.tokens.isEmpty ? logProbabilities(piece.tokens) : .null,
      "finish_reason": piece.finishJSON,
    ]
  }

  static func choice(_ piece: GeneratedPiece, index: Int, scored: Bool) -> JSON {
    [
      "index": .integer(index), "message": ["role": "assistant", "content": .string(piece.text), "refusal": .null],
      "logprobs": scored ? logProbabilities(piece.tokens) : .null, "finish_reason": piece.finishJSON,
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
    // A part of a character is not known by its text.
    let bytes = token.text.contains("\u{FFFD}") ? nil : token.text.utf8.map { JSON.integer(Int($0)) }
    return ["token": .string(token.text), "logprob": token.json, "bytes": bytes.map(JSON.array) ?? .null]
  }
}
