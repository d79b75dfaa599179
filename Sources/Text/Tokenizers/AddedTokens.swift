/// The added tokens of a tokenizer: finds them in text.
struct AddedTokens: Sendable {
  /// A stretch of text between added tokens, or one of them.
  enum Segment {
    case text(Range<Int>)
    /// With the text that it takes the place of.
    case token(Int32, Range<Int>)
  }

  private var tokens: [Int32: AddedToken] = [:]
  private var literal = TokenTrie()
  private var normalized = TokenTrie()

  /// - Parameter normalizer: rewrites the tokens that are looked for after it.
  init(_ tokens: [AddedToken], normalizer: Normalizer?) {
    for token in tokens {
      self.tokens[token.id] = token
      var text = Array(token.content.utf8)
      if token.isNormalized {
        normalizer?.apply(to: &text)
        normalized.insert(text, token.id)
      } else {
        literal.insert(text, token.id)
      }
    }
  }

  /// Whether the id is that of an added token, special or not.
  func contains(_ id: Int32) -> Bool { tokens[id] != nil }

  func isSpecial(_ id: Int32) -> Bool { tokens[id]?.isSpecial ?? false }

  /// Splits a text, before or after the normalizer, by the tokens that are looked for there.
  func split(_ text: Span<UInt8>, isNormalized: Bool) -> [Segment] {
    let trie = isNormalized ? normalized : literal
    if trie.isEmpty { return [.text(0..<text.count)] }
    var segments: [Segment] = []
    /// Where the text begins that is not yet in a segment, and where to look on.
    var pending = 0
    var position = 0
    while let match = trie.firstMatch(in: text, from: position) {
      position = match.range.upperBound
      guard let token = tokens[match.token] else { continue }
      if token.isSingleWord, hasWord(beside: match.range, in: text) { continue }
      var (start, end) = (match.range.lowerBound, match.range.upperBound)
      if token.stripsLeft {
        while start > pending {
          let before = text.scalar(before: start)
          guard before.scalar.isSpace else { break }
          start = before.start
        }
      }
      if token.stripsRight {
        while end < text.count {
          let after = text.scalar(at: end)
          guard after.scalar.isSpace else { break }
          end = after.end
        }
      }
      if pending < start { segments.append(.text(pending..<start)) }
      segments.append(.token(token.id, start..<end))
      pending = max(pending, end)
    }
    if pending < text.count { segments.append(.text(pending..<text.count)) }
    return segments
  }

  private func hasWord(beside range: Range<Int>, in text: Span<UInt8>) -> Bool {
    if range.lowerBound > 0, text.scalar(before: range.lowerBound).scalar.isWord { return true }
    return range.upperBound < text.count && text.scalar(at: range.upperBound).scalar.isWord
  }
}
