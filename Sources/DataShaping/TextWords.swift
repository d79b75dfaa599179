import Text

/// The words of a text as they are compared: a hash for each.
///
/// A word is a run of letters, marks and digits, in lower case; everything else only separates. A character of a script
/// that writes no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is a word of its own.
package struct TextWords: Sendable, Equatable {
  /// The words' hashes, in order.
  package let hashes: [UInt64]

  /// The words of a text.
  package init(_ text: String) { self.init([text]) }

  /// The words of some messages, one after the other, and of the calls of tools among them.
  package init(_ messages: [Message]) { self.init(messages.flatMap { [$0.content] + $0.toolCalls.map(\.text) }) }

  private init(_ texts: [String]) {
    var words = Accumulator()
    for text in texts {
      for scalar in text.unicodeScalars { words.add(scalar) }
      words.endWord()
    }
    // A text of signs alone, such as an equation or an emoji, still has to differ from others.
    if words.hashes.isEmpty {
      for text in texts where !text.isEmpty { words.hashes.append(Accumulator.hash(text.utf8)) }
    }
    hashes = words.hashes
  }

  /// A number that texts of the same words have in common.
  package var key: UInt64 { hashes.sequenceHash }

  /// The hashes of all runs of `length` words; a shorter text is one run.
  package func shingles(_ length: Int) -> [UInt64] {
    guard hashes.count > length else { return hashes.isEmpty ? [] : [hashes.sequenceHash] }
    return (0...hashes.count - length).map { hashes[$0..<$0 + length].sequenceHash }
  }
}

/// Collects the words of a stream of characters. Hashes are FNV-1a, finished by mixing.
private struct Accumulator {
  var hashes: [UInt64] = []
  private var hash = start
  private var isInWord = false

  private static let start: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01B3

  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* prime }.mixed
  }

  mutating func add(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x61...0x7A, 0x30...0x39: append(scalar.value)
    case 0x41...0x5A: append(scalar.value + 0x20)
    case 0..<0x80: endWord()
    default: addBeyondASCII(scalar)
    }
  }

  mutating func endWord() {
    guard isInWord else { return }
    hashes.append(hash.mixed)
    hash = Self.start
    isInWord = false
  }

  private mutating func addBeyondASCII(_ scalar: Unicode.Scalar) {
    if Self.unspacedScripts.contains(where: { $0.contains(scalar.value) }) {
      endWord()
      append(scalar.value)
      return endWord()
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter:
      for lower in scalar.properties.lowercaseMapping.unicodeScalars { append(lower.value) }
    case .lowercaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark, .enclosingMark,
      .decimalNumber, .letterNumber, .otherNumber:
      append(scalar.value)
    default: endWord()
    }
  }

  private mutating func append(_ value: UInt32) {
    hash = (hash ^ UInt64(value)) &* Self.prime
    isInWord = true
  }

  /// Thai and Lao; Burmese; Khmer; kana; ideographs, their extensions and compatibility forms.
  private static let unspacedScripts: [ClosedRange<UInt32>] = [
    0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xF900...0xFAFF, 0x20000...0x3FFFD,
  ]
}
