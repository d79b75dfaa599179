/// A text on its way from whole to words: its bytes, which steps may rewrite, and the ranges of its pieces.
struct Pieces {
  /// Valid UTF-8.
  private(set) var bytes: [UInt8]
  /// The pieces in order, none of them empty; what lies between them has been left out.
  private(set) var ranges: [Range<Int>]
  /// Whether the bytes are still to be written as their characters of `ByteLevel`.
  private(set) var awaitsSpelling = false
  /// Whether the first byte is the first of the text that the tokenizer was given, with no token before it.
  private var beginsText: Bool

  init(_ bytes: [UInt8], beginsText: Bool) {
    self.bytes = bytes
    self.beginsText = beginsText
    ranges = bytes.isEmpty ? [] : [0..<bytes.count]
  }

  /// Splits each piece where `pattern` ends one, if it is of the kind that leaves nothing between its matches, or by
  /// its matches.
  mutating func split(by pattern: SplitPattern, _ behavior: SplitBehavior, inverted: Bool = false) {
    spellNow()
    switch (pattern, behavior) {
    case (.literal(let literal), _): split(by: literal, behavior, inverted: inverted)
    case (.expression(let expression), _): ranges = rangesOfParts(expression, behavior, inverted: inverted)
    // Everything matches: nothing is left, or all is one piece.
    case (_, .removed) where !inverted: ranges = []
    case (_, .contiguous): break
    default: ranges = rangesOfMatches(pattern)
    }
  }

  /// The pieces that an expression's matches make of each piece.
  private func rangesOfParts(
    _ expression: SplitExpression, _ behavior: SplitBehavior, inverted: Bool
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(max(ranges.count, bytes.count / 4))
    expression.forEachPiece(ranges, of: bytes.span) { parts in
      behavior.append(inverted ? parts.map { SplitPart(range: $0.range, isMatch: !$0.isMatch) } : parts, to: &result)
    }
    result.removeAll { $0.isEmpty }
    return result
  }

  private func rangesOfMatches(_ pattern: SplitPattern) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(bytes.count / 4)
    let text = bytes.span
    for range in ranges {
      let piece = text.extracting(range)
      var start = 0
      while start < piece.count, let end = pattern.pieceEnd(in: piece, from: start) {
        result.append(range.lowerBound + start..<range.lowerBound + end)
        start = end
      }
    }
    return result
  }

  /// Splits each piece by the scalars for which `isMatch` holds.
  mutating func split(_ behavior: SplitBehavior, where isMatch: (Unicode.Scalar) -> Bool) {
    spellNow()
    ranges = rangesOfParts(behavior) { text, start in
      let (scalar, end) = text.scalar(at: start)
      return (end, isMatch(scalar))
    }
  }

  private mutating func split(by literal: [UInt8], _ behavior: SplitBehavior, inverted: Bool) {
    ranges = rangesOfParts(behavior) { text, start in
      let end = start + literal.count
      guard end <= text.count, (0..<literal.count).allSatisfy({ text[start + $0] == literal[$0] }) else {
        return (text.scalar(at: start).end, inverted)
      }
      return (end, !inverted)
    }
  }

  /// The pieces that the parts of each piece make: `part` says where the part that begins at a byte ends and whether it is a match;
  /// neighbours that are no matches are one part.
  private func rangesOfParts(
    _ behavior: SplitBehavior, part: (Span<UInt8>, Int) -> (end: Int, isMatch: Bool)
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var parts: [SplitPart] = []
    for range in ranges {
      parts.removeAll(keepingCapacity: true)
      let piece = bytes.span.extracting(range)
      var start = 0
      while start < piece.count {
        let (end, isMatch) = part(piece, start)
        if !isMatch, let last = parts.last, !last.isMatch {
          parts[parts.count - 1].range = last.range.lowerBound..<range.lowerBound + end
        } else {
          parts.append(SplitPart(range: range.lowerBound + start..<range.lowerBound + end, isMatch: isMatch))
        }
        start = end
      }
      behavior.append(parts, to: &result)
    }
    return result
  }

  /// Puts `prefix` in front of each piece that does not begin with it; only of the one that begins the text if
  /// `onlyFirst`.
  mutating func prepend(_ prefix: [UInt8], onlyFirst: Bool) {
    rewrite { piece, isFirst, output in
      if isFirst || !onlyFirst, !piece.starts(with: prefix) { output.append(contentsOf: prefix) }
      output.append(contentsOf: piece)
    }
  }

  /// Writes each space as `replacement`.
  mutating func replaceSpaces(by replacement: [UInt8]) {
    rewrite { piece, _, output in
      for byte in piece {
        if byte == 0x20 { output.append(contentsOf: replacement) } else { output.append(byte) }
      }
    }
  }

  /// Says that each byte is to be written as its character of `ByteLevel`. Until a further step sees the pieces that is
  /// left to whoever takes them, who has seen most of them before.
  mutating func spellBytes() {
    spellNow()
    awaitsSpelling = true
  }

  private mutating func spellNow() {
    guard awaitsSpelling else { return }
    awaitsSpelling = false
    rewrite { piece, _, output in output.append(contentsOf: ByteLevel.spell(piece.span)) }
  }

  private mutating func rewrite(_ piece: (ArraySlice<UInt8>, _ isFirst: Bool, inout [UInt8]) -> Void) {
    spellNow()
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + bytes.count / 4 + 16)
    let first = ranges.first?.lowerBound
    for index in ranges.indices {
      let start = output.count
      piece(bytes[ranges[index]], beginsText && ranges[index].lowerBound == 0, &output)
      ranges[index] = start..<output.count
    }
    beginsText = beginsText && first == 0
    bytes = output
  }
}
