import CUTF8proc

/// Text as characters without composites, in which the marks of a letter stand in canonical order (UAX #15).
struct DecomposedText {
  private struct Character {
    var scalar: Unicode.Scalar
    /// Where a mark stands in relation to its letter; 0 for letters and all else that keeps its place.
    var combiningClass: UInt8
  }

  private var characters: [Character] = []

  /// Takes the text apart; `compatibly` also where the parts only look alike, as with ligatures.
  init(_ text: String, compatibly: Bool) {
    characters.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { append(scalar, compatibly: compatibly) }
    order()
  }

  private mutating func append(_ scalar: Unicode.Scalar, compatibly: Bool) {
    guard scalar.value >= 0x80, scalar.isInUnicode9 else {
      return characters.append(Character(scalar: scalar, combiningClass: 0))
    }
    let compatibility = compatibly ? UTF8PROC_COMPAT.rawValue : 0
    let options = utf8proc_option_t(UTF8PROC_DECOMPOSE.rawValue | compatibility)
    // No character has more than 18 parts.
    withUnsafeTemporaryAllocation(of: utf8proc_int32_t.self, capacity: 32) { parts in
      let count = utf8proc_decompose_char(
        utf8proc_int32_t(scalar.value), parts.baseAddress, parts.count, options, nil)
      for part in parts.prefix(count) {
        let scalar = Unicode.Scalar(UInt32(part)) ?? "\u{FFFD}"
        let combiningClass = utf8proc_get_property(part).pointee.combining_class
        characters.append(Character(scalar: scalar, combiningClass: UInt8(combiningClass)))
      }
    }
  }

  /// Sorts the marks in each run of them, leaving those of one class in order.
  private mutating func order() {
    var start = 0
    while start < characters.count {
      var end = start
      var isInOrder = true
      while end < characters.count, characters[end].combiningClass != 0 {
        if end > start, characters[end].combiningClass < characters[end - 1].combiningClass { isInOrder = false }
        end += 1
      }
      if !isInOrder { characters[start..<end].sort { $0.combiningClass < $1.combiningClass } }
      start = end + 1
    }
  }

  /// Puts letters and marks together to composites.
  mutating func compose() {
    var count = 0
    var letter: Int?
    for character in characters {
      // A mark of a class that is there already keeps others of it, and a letter, from reaching the letter before.
      let isNext = letter == count - 1 || character.combiningClass > characters[max(count - 1, 0)].combiningClass
      if let letter, isNext, let composite = characters[letter].scalar.composed(with: character.scalar) {
        characters[letter].scalar = composite
        continue
      }
      if character.combiningClass == 0 { letter = count }
      characters[count] = character
      count += 1
    }
    characters.removeSubrange(count...)
  }

  var utf8: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count * 2)
    for character in characters {
      bytes.append(contentsOf: UTF8.encode(character.scalar) ?? .encodedReplacementCharacter)
    }
    return bytes
  }
}

extension Unicode.Scalar {
  fileprivate var isInUnicode9: Bool { properties.age.map { $0.major <= 9 } ?? false }

  /// The one character that stands for this one and a following one.
  fileprivate func composed(with next: Unicode.Scalar) -> Unicode.Scalar? {
    // No composite has a second part before U+0300.
    guard next.value >= 0x300 else { return nil }
    if let syllable = Hangul.syllable(self, next) { return syllable }
    if Hangul.parts.contains(next) { return nil }
    return withUnsafeTemporaryAllocation(of: utf8proc_int32_t.self, capacity: 2) { pair in
      pair[0] = utf8proc_int32_t(value)
      pair[1] = utf8proc_int32_t(next.value)
      let options = utf8proc_option_t(UTF8PROC_COMPOSE.rawValue | UTF8PROC_STABLE.rawValue)
      guard utf8proc_normalize_utf32(pair.baseAddress, 2, options) == 1 else { return nil }
      return Unicode.Scalar(UInt32(pair[0])).flatMap { $0.isInUnicode9 ? $0 : nil }
    }
  }
}
