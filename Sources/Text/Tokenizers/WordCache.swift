/// The tokens of short words that were met lately: natural text says the same words again and again.
///
/// A table of fixed size. A word has two places, next to each other on one line of the processor's cache, and takes that
/// of the older of the two words there: the worst that a text can do is to find nothing. One call uses it at a time.
package final class WordCache: @unchecked Sendable {
  /// A word as it is compared: its bytes, at most 15, and in the uppermost byte how many they are.
  package typealias Word = UInt128

  /// At most five tokens of 25 bits, which hold `Vocabulary.largestID`, above three bits that say how many they are.
  package struct Tokens: Equatable {
    fileprivate var packed: UInt128

    /// Stands for tokens that are not known.
    package static let unknown = Tokens(packed: 7)

    /// One token.
    init(_ token: Int32) { packed = UInt128(truncatingIfNeeded: token) &<< 3 | 1 }

    fileprivate init(packed: UInt128) { self.packed = packed }

    /// Several tokens; nil where they are too many.
    fileprivate init?(_ tokens: ArraySlice<Int32>) {
      guard tokens.count <= 5 else { return nil }
      packed = 0
      for token in tokens.reversed() { packed = packed &<< 25 | UInt128(truncatingIfNeeded: token) }
      packed = packed &<< 3 | UInt128(truncatingIfNeeded: tokens.count)
    }

    /// Appends the tokens, which are known.
    @inline(__always)
    package func append(to tokens: inout [Int32]) {
      var rest = packed &>> 3
      for _ in 0..<Int(truncatingIfNeeded: packed & 7) {
        tokens.append(Int32(truncatingIfNeeded: rest) & (1 << 25 - 1))
        rest &>>= 25
      }
    }
  }

  private struct Slot {
    var word: Word = 0
    var tokens = Tokens.unknown
  }

  /// 65,536 words in 2 MB.
  package static let count = 1 << 16
  private let slots: UnsafeMutablePointer<Slot>
  /// A number of this table's own, so that no text can be made to keep its words out.
  private let seed = UInt64.random(in: .min ... .max)

  package init() {
    slots = UnsafeMutableRawPointer.allocate(byteCount: Self.count * MemoryLayout<Slot>.stride, alignment: 64)
      .bindMemory(to: Slot.self, capacity: Self.count)
    slots.initialize(repeating: Slot(), count: Self.count)
  }

  deinit { slots.deallocate() }

  /// The word that lies at `range` of a text; nil where it is too long.
  @inline(__always)
  package static func word(_ range: Range<Int>, of text: Span<UInt8>) -> Word? {
    let count = range.count
    guard count <= 15 else { return nil }
    var word: Word = 0
    if range.lowerBound + 16 <= text.count {
      word = text.bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt128.self).littleEndian
      word &= (1 &<< UInt128(truncatingIfNeeded: 8 * count)) &- 1
    } else {
      for index in range.reversed() { word = word &<< 8 | Word(text[index]) }
    }
    return word | Word(truncatingIfNeeded: count) &<< 120
  }

  /// The tokens of a word, as far as they are known.
  @inline(__always)
  package subscript(word: Word) -> Tokens {
    let place = place(of: word)
    // All is read before anything is compared, so that nothing has to be guessed and taken back.
    let (first, second) = (slots[place], slots[place + 1])
    let older = second.word == word ? second.tokens.packed : Tokens.unknown.packed
    return Tokens(packed: first.word == word ? first.tokens.packed : older)
  }

  /// Remembers the tokens of a word, unless they are too many.
  package func insert(_ word: Word, _ tokens: ArraySlice<Int32>) {
    guard let tokens = Tokens(tokens) else { return }
    let place = place(of: word)
    slots[place + 1] = slots[place]
    slots[place] = Slot(word: word, tokens: tokens)
  }

  /// The first of the two places of a word.
  @inline(__always)
  private func place(of word: Word) -> Int {
    let (high, low) = (UInt64(truncatingIfNeeded: word &>> 64), UInt64(truncatingIfNeeded: word))
    let product = (low ^ seed).multipliedFullWidth(by: high ^ 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low) & (Self.count - 2)
  }
}
