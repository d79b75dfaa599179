/// The tokens of short words that were met lately: natural text says the same words again and again.
///
/// A table of fixed size in which each word has one place, where it takes the place of another. What a text can do at
/// worst is to find nothing there.
struct WordCache: Sendable {
  /// A word as it is compared: all of its bytes, and how many they are.
  struct Word: Equatable, Sendable {
    fileprivate var bytes: (UInt64, UInt64, UInt64) = (0, 0, 0)
    fileprivate var count: UInt64 = 0

    /// The longest word, in bytes.
    static let longest = 24

    /// The word that lies at `range` of a text, nil where it is too long.
    @inline(__always)
    init?(_ range: Range<Int>, of text: Span<UInt8>) {
      guard range.count <= Self.longest else { return nil }
      count = UInt64(range.count)
      bytes.0 = Self.load(range, of: text)
      if range.count > 8 { bytes.1 = Self.load(range.lowerBound + 8..<range.upperBound, of: text) }
      if range.count > 16 { bytes.2 = Self.load(range.lowerBound + 16..<range.upperBound, of: text) }
    }

    fileprivate init() {}

    /// The first eight bytes of a range that is not empty; zeros where it has fewer.
    @inline(__always)
    private static func load(_ range: Range<Int>, of text: Span<UInt8>) -> UInt64 {
      if range.lowerBound + 8 <= text.count {
        let bytes = text.bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self).littleEndian
        return range.count >= 8 ? bytes : bytes & ((1 &<< UInt64(8 * range.count)) &- 1)
      }
      return range.reversed().reduce(0) { $0 << 8 | UInt64(text[$1]) }
    }

    @inline(__always)
    static func == (left: Word, right: Word) -> Bool {
      (left.bytes.0 ^ right.bytes.0) | (left.bytes.1 ^ right.bytes.1) | (left.bytes.2 ^ right.bytes.2)
        | (left.count ^ right.count) == 0
    }
  }

  private struct Slot: Sendable {
    var word = Word()
    /// −1 behind the last.
    var tokens = SIMD8<Int32>(repeating: -1)
  }

  /// 65,536 words in 4 MB.
  private static let bits = 16
  private var slots = [Slot](repeating: Slot(), count: 1 << Self.bits)
  /// Numbers of this table's own, so that no text can be made to meet itself in one place.
  private let seeds = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

  /// Appends the tokens of a word if they are known.
  /// - Returns: whether they are.
  @inline(__always)
  func append(_ word: Word, to tokens: inout [Int32]) -> Bool {
    let slot = slots[slot(of: word)]
    guard slot.word == word else { return false }
    for index in 0..<8 {
      let token = slot.tokens[index]
      if token < 0 { break }
      tokens.append(token)
    }
    return true
  }

  /// Remembers the tokens of a word, unless they are too many.
  mutating func insert(_ word: Word, _ tokens: ArraySlice<Int32>) {
    guard tokens.count <= 8 else { return }
    var slot = Slot(word: word)
    for (index, token) in tokens.enumerated() { slot.tokens[index] = token }
    slots[self.slot(of: word)] = slot
  }

  @inline(__always)
  private func slot(of word: Word) -> Int {
    let product = (word.bytes.0 ^ seeds.0).multipliedFullWidth(by: word.bytes.1 ^ seeds.1)
    let mixed = (product.high ^ product.low ^ word.bytes.2 ^ word.count) &* seeds.1
    return Int(truncatingIfNeeded: mixed &>> UInt64(64 - Self.bits))
  }
}
