extension SplitPattern {
  /// The end of the piece that begins at byte `start`, for patterns that leave nothing between their matches; nil
  /// for the others.
  @inline(__always)
  func pieceEnd(in text: Span<UInt8>, from start: Int) -> Int? {
    switch self {
    case .literal, .expression: nil
    case .gpt2: Self.gpt2End(text, start)
    case .cl100k(let maximumDigits): Self.cl100kEnd(text, start, maximumDigits: maximumDigits)
    }
  }

  // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
  private static func gpt2End(_ text: Span<UInt8>, _ start: Int) -> Int {
    if let end = contractionEnd(text, start, ignoringCase: false) { return end }
    var (scalar, end) = text.scalar(at: start)
    if scalar == " ", end < text.count { (scalar, end) = text.scalar(at: end) }
    let kind = UnicodeClass(scalar)
    return kind == .space ? spaceEnd(text, start) : runEnd(of: kind, text, end)
  }

  // (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
  private static func cl100kEnd(_ text: Span<UInt8>, _ start: Int, maximumDigits: Int) -> Int {
    if let end = contractionEnd(text, start, ignoringCase: true) { return end }
    let (first, firstEnd) = text.scalar(at: start)
    let kind = UnicodeClass(first)
    if kind == .letter { return runEnd(of: .letter, text, firstEnd) }
    if kind == .number { return runEnd(of: .number, text, firstEnd, atMost: maximumDigits - 1) }
    let isNewline = first == "\n" || first == "\r"
    if firstEnd < text.count, !isNewline {
      let (second, secondEnd) = text.scalar(at: firstEnd)
      let secondKind = UnicodeClass(second)
      if secondKind == .letter { return runEnd(of: .letter, text, secondEnd) }
      if first == " ", secondKind == .other { return newlinesEnd(text, runEnd(of: .other, text, secondEnd)) }
    }
    if kind == .other { return newlinesEnd(text, runEnd(of: .other, text, firstEnd)) }
    let end = runEnd(of: .space, text, firstEnd)
    for index in stride(from: end - 1, through: start, by: -1) where text[index] == 0x0A || text[index] == 0x0D {
      return index + 1
    }
    return spaceEnd(text, start)
  }

  // 's|'t|'re|'ve|'m|'ll|'d
  @inline(__always)
  private static func contractionEnd(_ text: Span<UInt8>, _ start: Int, ignoringCase: Bool) -> Int? {
    guard text[start] == UInt8(ascii: "'"), start + 1 < text.count else { return nil }
    let caseBit: UInt8 = ignoringCase ? 0x20 : 0
    let first = text[start + 1] | caseBit
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    default: break
    }
    guard start + 2 < text.count else { return nil }
    let second = text[start + 2] | caseBit
    switch (first, second) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    default:
      // ſ, the long s, is an s where case is ignored.
      let isLongS = ignoringCase && text[start + 1] == 0xC5 && text[start + 2] == 0xBF
      return isLongS ? start + 3 : nil
    }
  }

  @inline(__always)
  private static func runEnd(
    of kind: UnicodeClass, _ text: Span<UInt8>, _ start: Int, atMost maximum: Int = .max
  ) -> Int {
    var end = start
    var count = 0
    while end < text.count, count < maximum {
      let (scalar, next) = text.scalar(at: end)
      guard UnicodeClass(scalar) == kind else { break }
      end = next
      count += 1
    }
    return end
  }

  // [\r\n]*
  private static func newlinesEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    var end = start
    while end < text.count, text[end] == 0x0A || text[end] == 0x0D { end += 1 }
    return end
  }

  // \s+(?!\S)|\s+ : a run of space leaves its last one to what follows, unless it is the only one.
  private static func spaceEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    let end = runEnd(of: .space, text, start)
    guard end < text.count else { return end }
    let last = text.scalar(before: end).start
    return last > start ? last : end
  }
}
