import Inference
import Serving
import Text

/// Makes an engine's events the server's pieces, and gives tokens their texts.
struct ServedPieces {
  private let tokenizer: Tokenizer
  private let options: AnswerOptions
  /// The prompt before the answer, where it is to be given out; the scores of its other tokens follow.
  private var echo: GeneratedPiece?
  /// Whether no text came before, so that tokenizers which put a space before every text take it off again.
  private var isAtBeginning: Bool

  init(tokenizer: Tokenizer, prompt: [Int32], options: AnswerOptions) {
    self.tokenizer = tokenizer
    self.options = options
    isAtBeginning = options.echo != nil || !options.continuesText || prompt.allSatisfy(tokenizer.isSpecial)
    if let text = options.echo, let first = prompt.first {
      let token = ScoredToken(
        id: first, score: isScored ? score(first, nil) : nil, isHidden: tokenizer.isSpecial(first))
      isAtBeginning = token.isHidden
      echo = GeneratedPiece(text: text, promptTokens: [token])
    }
  }

  /// The echoed prompt, once.
  mutating func takeEcho() -> GeneratedPiece? {
    defer { echo = nil }
    return echo
  }

  /// The piece of an event.
  mutating func piece(_ event: GenerationEvent) -> GeneratedPiece {
    switch event {
    case .prompt(let tokens): GeneratedPiece(promptTokens: tokens.map { scored($0) })
    case .part(let text, let tokens): GeneratedPiece(text: text, tokens: tokens.map { scored($0) })
    case .finished(let end): GeneratedPiece(finish: end.reason == .length ? .length : .stop)
    }
  }

  private var isScored: Bool { options.alternatives != nil }

  private mutating func scored(_ token: GeneratedToken) -> ScoredToken {
    guard isScored else { return ScoredToken(id: token.id) }
    let isHidden = tokenizer.isSpecial(token.id)
    defer { if !isHidden { isAtBeginning = false } }
    return ScoredToken(
      id: token.id, score: score(token.id, token.logProbability),
      alternatives: token.alternatives.map { score($0.id, $0.logProbability) }, isHidden: isHidden)
  }

  private func score(_ id: Int32, _ logProbability: Float?) -> ScoredToken.Alternative {
    ScoredToken.Alternative(bytes: bytes(of: id), logProbability: logProbability)
  }

  /// A token's text, as it stands where the token does.
  private func bytes(of id: Int32) -> [UInt8] {
    let within = tokenizer.textBytes(of: id)
    guard isAtBeginning else { return within }
    let first = Array(tokenizer.decode([id], skippingSpecialTokens: false).utf8)
    // A part of a character has no text yet, but its bytes.
    return within.suffix(first.count).elementsEqual(first) ? first : within
  }
}
