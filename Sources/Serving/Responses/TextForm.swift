import JSON

/// Answers of `/v1/completions`.
enum TextForm: AnswerForm {
  static let idPrefix = "cmpl-"
  static let object = "text_completion"
  static let partObject = "text_completion"

  static func opening(index: Int) -> JSON? { nil }

  static func part(_ piece: GeneratedPiece, index: Int, offset: Int, scored: Bool) -> JSON {
    [
      "index": .integer(index), "text": .string(piece.text),
      "logprobs": scored && !(piece.promptTokens + piece.tokens).isEmpty
        ? logProbabilities(piece.promptTokens + piece.tokens, offset: offset) : .null,
      "finish_reason": piece.finishJSON,
    ]
  }

  static func choice(_ piece: GeneratedPiece, index: Int, scored: Bool) -> JSON {
    part(piece, index: index, offset: 0, scored: scored)
  }

  private static func logProbabilities(_ tokens: [ScoredToken], offset: Int) -> JSON {
    var offset = offset
    var (texts, values, tops, offsets) = ([JSON](), [JSON](), [JSON](), [JSON]())
    for token in tokens {
      guard let score = token.score else { continue }
      texts.append(.string(score.text))
      values.append(score.json)
      // Of tokens with the same text the likeliest stays.
      let pairs = token.alternatives.map { ($0.text, $0.json) }
      let top = JSON.object(TextKeyed(pairs, uniquingKeysWith: { first, _ in first }))
      tops.append(score.logProbability == nil ? .null : top)
      offsets.append(.integer(offset))
      offset += token.isHidden ? 0 : score.characterCount
    }
    return [
      "tokens": .array(texts), "token_logprobs": .array(values), "top_logprobs": .array(tops),
      "text_offset": .array(offsets),
    ]
  }
}
