/// Holds an answer back until it has been judged: a sentence at a time where it is streamed, else all of it.
struct HeldAnswer {
  private let isStreamed: Bool
  /// Whether tokens wait for the end: where tools may be called, tokens come before their text is understood.
  private let holdsTokens: Bool
  private var ends = SentenceEnds()
  private var held = GeneratedPiece()
  private var heldTokens: [ScoredToken] = []
  /// All that was judged, or is to be now, and the same as the tokens spell it.
  private var text: String
  private var spelled: [UInt8]

  /// - Parameter continued: the text that the answer goes on from.
  init(isStreamed: Bool, holdsTokens: Bool, continued: String = "") {
    (self.isStreamed, self.holdsTokens, text) = (isStreamed, holdsTokens, continued)
    spelled = Array(continued.utf8)
  }

  /// Takes a piece; returns what is to be shown once it has been judged, if there is anything.
  mutating func take(_ piece: GeneratedPiece) -> GeneratedPiece? {
    let end = sentenceEnd(in: piece)
    var piece = piece
    if holdsTokens {
      heldTokens += piece.tokens
      piece.tokens = piece.finish == nil ? [] : heldTokens
    }
    guard isStreamed || piece.finish != nil, let end else {
      held.append(piece)
      return nil
    }
    var part = held
    held = GeneratedPiece()
    if end == piece.text.utf8.count {
      part.append(piece)
    } else {
      // Its tokens wait until all of their text is there.
      let place = piece.text.utf8.index(piece.text.startIndex, offsetBy: end)
      part.text += piece.text[..<place]
      piece.text = String(piece.text[place...])
      held = piece
    }
    return part
  }

  /// How many bytes of a piece's text end the last sentence, or the answer.
  private mutating func sentenceEnd(in piece: GeneratedPiece) -> Int? {
    var (end, offset): (Int?, Int) = (nil, 0)
    for scalar in piece.text.unicodeScalars {
      let width = UTF8.width(scalar)
      switch ends.take(scalar) {
      case .before: end = offset
      case .after: end = offset + width
      case nil: break
      }
      offset += width
    }
    return piece.finish != nil || !piece.calls.isEmpty ? offset : end
  }

  /// The texts that are to be judged before a part is shown: the answer up to the part's end with its calls, and what the tokens
  /// spell where that is another text. None where the part says nothing new.
  mutating func texts(with part: GeneratedPiece) -> [String] {
    let calls = part.calls.map { "\n\($0.name)(\($0.arguments))\n" }.joined()
    let spelling = part.tokens.flatMap { $0.score?.bytes ?? [] }
    text += part.text + calls
    spelled += spelling
    let isNew = (part.text + calls).unicodeScalars.contains { !$0.properties.isWhitespace }
    // Tokens may come later than their text.
    let spellsMore = !spelling.isEmpty && !text.utf8.starts(with: spelled)
    guard isNew || spellsMore else { return [] }
    return [text] + (spellsMore ? [String(decoding: spelled, as: UTF8.self)] : [])
  }

  /// What is shown in the place of a refused part.
  /// - Parameter follows: whether something of the answer was shown before.
  func refusal(of part: GeneratedPiece, follows: Bool) -> GeneratedPiece {
    let message = "This answer was withheld by the server's moderation."
    // Tokens are counted, but say nothing.
    let tokens = (holdsTokens ? heldTokens : part.tokens + held.tokens).map { ScoredToken(id: $0.id) }
    return GeneratedPiece(text: (follows ? "\n\n" : "") + message, tokens: tokens, finish: .contentFilter)
  }
}
