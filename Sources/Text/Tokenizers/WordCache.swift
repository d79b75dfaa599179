/// The tokens of short words that were met lately: natural text says the same words again and again.
///
/// A table of fixed size. A word has two places, next to each other on one line of the processor's cache, and takes that
/// of the older of the two words there: the worst that a text can do is to find nothing. One call uses it at a time.
final class WordCache: @unchecked Sendable {
  /// A word as it is compared: its bytes, at most 15, and in the uppermost byte how many they are.
  typealias Word = UInt128

  private struct Slot {
    var word: Word = 0
    /// The tokens at 25 bits each, which hold `Vocabulary.largestID`, above three bits that say how many there are.
    var tokens: UInt128 = 0
  }

  private static let longestWord = 15
  private static let mostTokens = 5
  private static let bitsOfToken: UInt128 = 25

  /// 65,536 words in 2 MB.
  private static let count = 1 << 16
  private let slots: UnsafeMutablePointer<Slot>
  /// A number of this table's own, so that no text can be made to keep its words out.
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    slots = UnsafeMutableRawPointer.allocate(byteCount: Self.count * MemoryLayout<Slot>.stride, alignment: 64)
      .bindMemory(to: Slot.self, capacity: Self.count)
    slots.initialize(repeating: Slot(), count: Self.count)
  }

  deinit { slots.deallocate() }

  /// The word that lies at `range` of a text; nil where it is too long.
  @inline(__always)
  static func word(_ range: Range<Int>, of text: Span<UInt8>) -> Word? {
    let count = range.count
    guard count <= longestWord else { return nil }
    var word: Word = 0
    if range.lowerBound + 16 <= text.count {
      word = text.bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt128.self).littleEndian
      word &= (1 &<< UInt128(truncatingIfNeeded: 8 * count)) &- 1
    } else {
      for index in range.reversed() { word = word &<< 8 | Word(text[index]) }
    }
    return word | Word(truncatingIfNeeded: count) &<< 120
  }

  /// Appends the tokens of a word if they are known.
  /// - Returns: whether they are.
  @inline(__always)
  func append(_ word: Word, to tokens: inout [Int32]) -> Bool {
    let first = place(of: word)
    guard let slot = slots[first].word == word ? first : slots[first + 1].word == word ? first + 1 : nil else {
      return false
    }
    var packed = slots[slot].tokens
    var count = packed & 7
    packed &>>= 3
    while count > 0 {
      tokens.append(Int32(truncatingIfNeeded: packed) & (1 << 25 - 1))
      packed &>>= Self.bitsOfToken
      count &-= 1
    }
    return true
  }

  /// Remembers the tokens of a word, unless they are too many.
  func insert(_ word: Word, _ tokens: ArraySlice<Int32>) {
    guard tokens.count <= Self.mostTokens else { return }
    var packed: UInt128 = 0
    for token in tokens.reversed() { packed = packed &<< Self.bitsOfToken | UInt128(UInt32(bitPattern: token)) }
    let first = place(of: word)
    slots[first + 1] = slots[first]
    slots[first] = Slot(word: word, tokens: packed &<< 3 | UInt128(tokens.count))
  }

  /// The first of the two places of a word.
  @inline(__always)
  private func place(of word: Word) -> Int {
    let low = UInt64(truncatingIfNeeded: word)
    let high = UInt64(truncatingIfNeeded: word &>> 64)
    let product = (low ^ seed).multipliedFullWidth(by: high ^ 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low) & (Self.count - 2)
  }
}
