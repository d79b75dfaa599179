/// Where a text can be cut into words that merge each on their own: between characters that no merge brings together.
///
/// In Llama 2's vocabulary that is before each `▁`, between letters and punctuation, around line breaks, and between
/// digits.
struct WordSeams: Sendable {
  /// What is told apart: the ASCII characters, `▁`, and all others.
  private enum Kind {
    static let metaspace = 0x80
    static let other = 0x81
    static let count = 0x82
  }

  /// Whether a merge may join something that ends in a character of one kind, times 256, to something that begins with
  /// one of another.
  private var joins = [Bool](repeating: false, count: Kind.count << 8)

  /// No merges yet.
  /// - Parameter isLoose: whether a character may become no token, or one that merges know under another text; nil
  ///   stands for all characters but ASCII and `▁`. There is no cutting beside it.
  init(isLoose: (Unicode.Scalar?) -> Bool) {
    for kind in 0..<Kind.count {
      let scalar = kind < 0x80 ? Unicode.Scalar(UInt8(kind)) : kind == Kind.metaspace ? "\u{2581}" : nil
      guard isLoose(scalar) else { continue }
      for other in 0..<Kind.count {
        joins[kind << 8 | other] = true
        joins[other << 8 | kind] = true
      }
    }
  }

  /// Notes that a merge joins two texts.
  mutating func join(_ left: Span<UInt8>, _ right: Span<UInt8>) {
    // No character becomes a token without text.
    if left.isEmpty || right.isEmpty { return }
    let last = Self.kind(at: left.scalar(before: left.count).start, of: left).kind
    joins[last << 8 | Self.kind(at: 0, of: right).kind] = true
  }

  /// The end of the word that begins at byte `start` of valid UTF-8.
  @inline(__always)
  func wordEnd(in text: Span<UInt8>, from start: Int) -> Int {
    var (last, end) = Self.kind(at: start, of: text)
    while end < text.count {
      let (kind, next) = Self.kind(at: end, of: text)
      guard joins[last << 8 | kind] else { break }
      (last, end) = (kind, next)
    }
    return end
  }

  @inline(__always)
  private static func kind(at index: Int, of text: Span<UInt8>) -> (kind: Int, end: Int) {
    let byte = text[index]
    if byte < 0x80 { return (Int(byte), index + 1) }
    if Metaspace.isAt(index, in: text) { return (Kind.metaspace, index + 3) }
    return (Kind.other, text.scalar(at: index).end)
  }
}
