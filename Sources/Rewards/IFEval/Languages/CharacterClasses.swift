import Foundation
import JSON

/// Which characters langdetect takes for the same: its `NGram.normalize` and `normalize_vi`, by the tables of the package.
struct CharacterClasses: Sendable {
  /// The Latin characters beyond ASCII that count as blanks.
  private let blanks: Set<Unicode.Scalar>
  /// The first of those Chinese characters that languages use alike.
  private let representatives: [Unicode.Scalar: Unicode.Scalar]
  /// What a letter is with one of Vietnamese's marks behind it, by mark and letter.
  private let marked: [Unicode.Scalar: [Unicode.Scalar: Unicode.Scalar]]

  /// Reads the tables: a line has a name, an equals sign, and characters, many of them escaped as in JSON.
  init(_ file: URL) throws(RewardError) {
    var tables: [TextKey: [Unicode.Scalar]] = [:]
    var representatives: [Unicode.Scalar: Unicode.Scalar] = [:]
    for line in try LangdetectPackage.bytes(of: file).split(separator: UInt8(ascii: "\n")) {
      let parts = PythonText.strip(String(decoding: line, as: UTF8.self)).utf8
        .split(separator: UInt8(ascii: "="), maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2, let text = (try? JSON(parsing: "\"\(parts[1])\""))?.string else {
        throw LangdetectPackage.damaged(file, "a line is not a name and characters")
      }
      let (name, characters) = (parts[0], Array(text.unicodeScalars))
      tables[TextKey(name)] = characters
      if name.utf8.starts(with: "NGram.KANJI_".utf8) {
        for character in characters { representatives[character] = characters.first }
      }
    }
    func table(_ name: String) throws(RewardError) -> [Unicode.Scalar] {
      guard let table = tables[TextKey(name)] else { throw LangdetectPackage.damaged(file, "it has no \(name)") }
      return table
    }
    guard !representatives.isEmpty else { throw LangdetectPackage.damaged(file, "it has no classes of characters") }
    self.representatives = representatives
    blanks = Set(try table("NGram.LATIN1_EXCLUDE"))
    let letters = try table("TO_NORMALIZE_VI_CHARS")
    var marked: [Unicode.Scalar: [Unicode.Scalar: Unicode.Scalar]] = [:]
    for mark in try table("DMARK_CLASS") {
      let digits = String(mark.value, radix: 16)
      let name = "NORMALIZED_VI_CHARS_\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)"
      let forms = try table(name)
      guard forms.count == letters.count else {
        throw LangdetectPackage.damaged(file, "\(name) has \(forms.count) characters for \(letters.count)")
      }
      marked[mark] = Dictionary(zip(letters, forms), uniquingKeysWith: { first, _ in first })
    }
    self.marked = marked
  }

  /// What stands for a character.
  func representative(of character: Unicode.Scalar) -> Unicode.Scalar {
    switch character.value {
    case 0..<0x80: character.isASCIILetter ? character : " "
    case 0x80..<0x100: blanks.contains(character) ? " " : character
    // Romanian's letters with a comma below are taken for those with a cedilla.
    case 0x219: "\u{15F}"
    case 0x21B: "\u{163}"
    // Persian's yeh for Arabic's.
    case 0x6CC: "\u{64A}"
    // Letters of Vietnamese.
    case 0x1EA0..<0x1F00: "\u{1EC3}"
    // Punctuation.
    case 0x2000..<0x2070: " "
    case 0x3040..<0x30A0: "\u{3042}"
    case 0x30A0..<0x3100: "\u{30A2}"
    // Bopomofo.
    case 0x3100..<0x3130, 0x31A0..<0x31C0: "\u{3105}"
    case 0x4E00..<0xA000: representatives[character] ?? character
    case 0xAC00..<0xD7B0: "\u{AC00}"
    default: character
    }
  }

  /// A text whose letters have taken up Vietnamese's marks behind them.
  func composing(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var composed: [Unicode.Scalar] = []
    composed.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if place + 1 < text.count, let form = marked[text[place + 1]]?[text[place]] {
        composed.append(form)
        place += 2
      } else {
        composed.append(text[place])
        place += 1
      }
    }
    return composed
  }
}

extension Unicode.Scalar {
  /// Whether it is one of a to z and A to Z.
  var isASCIILetter: Bool { (value | 0x20) &- 0x61 < 26 }
}
