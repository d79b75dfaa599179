extension Tokenizer {
  /// Where a byte of a text went.
  public struct Place: Sendable, Equatable {
    /// The first token that ends behind the byte; as many as there are tokens where none does.
    public let token: Int
    /// Whether that token begins before the byte.
    public let isInside: Bool

    /// A place.
    public init(token: Int, isInside: Bool) {
      self.token = token
      self.isInside = isInside
    }
  }

  /// The tokens of a text as `encode` gives them, and where some of its bytes went.
  /// - Parameter places: offsets in the text's UTF-8, in order, each where a character begins or the text ends.
  public func encode(_ text: String, locating places: [Int]) -> (tokens: [Int32], places: [Place]) {
    let cache = caches.take()
    defer { caches.give(back: cache) }
    let bytes = Array(text.utf8)
    var output = Output(awaited: places[...])
    output.tokens.reserveCapacity(bytes.count / 3)
    for segment in addedTokens.split(bytes.span, isNormalized: false) {
      switch segment {
      case .token(let token, let range): output.append(token, for: range)
      case .text(let range):
        var part = range.count == bytes.count ? bytes : Array(bytes[range])
        normalizer?.apply(to: &part)
        let inner = output.take(range).map { place in
          var prefix = Array(bytes[range.lowerBound..<place])
          normalizer?.apply(to: &prefix)
          return min(prefix.count, part.count)
        }
        encodeNormalized(part, at: inner, beginsText: range.lowerBound == 0, remembering: cache, into: &output)
      }
    }
    return (output.tokens, output.finished)
  }

  private func encodeNormalized(
    _ bytes: [UInt8], at places: [Int], beginsText: Bool, remembering cache: WordCache, into output: inout Output
  ) {
    var inner = Output(tokens: output.tokens, found: output.found, awaited: places[...])
    output.tokens = []
    for segment in addedTokens.split(bytes.span, isNormalized: true) {
      switch segment {
      case .token(let token, let range): inner.append(token, for: range)
      case .text(let range):
        let part = range.count == bytes.count ? bytes : Array(bytes[range])
        let isFirst = beginsText && range.lowerBound == 0
        func pieces(_ bytes: [UInt8]) -> Pieces {
          var pieces = Pieces(bytes, beginsText: isFirst)
          preTokenizer?.apply(to: &pieces)
          return pieces
        }
        let places = inner.take(range).map { pieces(Array(part[..<($0 - range.lowerBound)])).bytes.count }
        encode(pieces(part), at: places[...], remembering: cache, into: &inner)
      }
    }
    (output.tokens, output.found) = (inner.tokens, inner.finished)
  }

  private func encode(
    _ pieces: Pieces, at places: ArraySlice<Int>, remembering cache: WordCache, into output: inout Output
  ) {
    let spells = pieces.awaitsSpelling
    guard !places.isEmpty else {
      return encoder.encode(
        pieces.ranges, of: pieces.bytes.span, spellsBytes: spells, remembering: cache, into: &output.tokens)
    }
    var places = places
    for range in pieces.ranges {
      let first = output.tokens.count
      encoder.encode(
        [range], of: pieces.bytes.span, spellsBytes: spells, remembering: cache, into: &output.tokens)
      var position = range.lowerBound
      for index in first..<output.tokens.count where (places.first ?? .max) < range.upperBound {
        let end = position + length(of: output.tokens[index], at: position, in: pieces)
        while let place = places.first, place < end {
          output.found.append(Place(token: index, isInside: place > position))
          places.removeFirst()
        }
        position = end
      }
    }
    output.found += places.map { _ in Place(token: output.tokens.count, isInside: false) }
  }

  /// How many bytes of the pieces a token stands for.
  private func length(of token: Int32, at position: Int, in pieces: Pieces) -> Int {
    if token == encoder.unknown { return pieces.bytes.span.scalar(at: position).end - position }
    guard let text = bytes(of: token) else { return 0 }
    if pieces.awaitsSpelling { return ByteLevel.bytes(of: Array(text)).count }
    return encoder.fallsBackToBytes && encoder.isByte(token) ? 1 : text.count
  }

  /// Tokens as they come, and the places among them.
  private struct Output {
    var tokens: [Int32] = []
    var found: [Place] = []
    /// Places in what is still to be encoded.
    var awaited: ArraySlice<Int>

    /// Takes the places out that lie within a range, or before it where nothing is.
    mutating func take(_ range: Range<Int>) -> [Int] {
      let inside = awaited.prefix { $0 < range.upperBound }
      awaited = awaited.dropFirst(inside.count)
      return inside.map { max($0, range.lowerBound) }
    }

    mutating func append(_ token: Int32, for range: Range<Int>) {
      found += take(range).map { Place(token: tokens.count, isInside: $0 > range.lowerBound) }
      tokens.append(token)
    }

    /// The places, those behind the last token among them.
    var finished: [Place] { found + awaited.map { _ in Place(token: tokens.count, isInside: false) } }
  }
}
