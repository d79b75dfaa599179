/// How many columns of a terminal text takes, and text cut to fit.
enum DisplayWidth {
  /// The columns of the text: two for wide characters (East Asian, emoji), none for combining marks.
  static func of(_ text: String) -> Int { text.reduce(0) { $0 + columns(of: $1) } }

  /// The text on one line, without control characters, cut at a whole character to at most `columns`.
  static func fit(_ text: String, to columns: Int) -> String {
    var room = columns
    var fitted = ""
    for character in text where !isControl(character) {
      room -= self.columns(of: character)
      guard room >= 0 else { break }
      fitted.append(character)
    }
    return fitted
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains {
      [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
  }

  private static func columns(of character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // U+FE0F asks for the emoji form of a character that has both.
    if first.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    return wideRanges.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// Hangul Jamo; CJK through Yi; Hangul syllables; compatibility ideographs and forms; full-width forms; the
  /// supplementary ideographic planes (Unicode's EastAsianWidth.txt, in its large blocks).
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}
