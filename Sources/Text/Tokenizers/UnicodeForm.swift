/// A normal form of Unicode text (UAX #15), as the reference computes it: by Unicode 9, which leaves later code
/// points as they are.
enum UnicodeForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  /// The normal form of valid UTF-8.
  func normalize(_ bytes: [UInt8]) -> [UInt8] {
    // U+0300, the first code point that NFC may change, begins with the byte 0xCC; the other forms keep ASCII.
    let limit: UInt8 = self == .nfc ? 0xCC : 0x80
    if bytes.allSatisfy({ $0 < limit }) { return bytes }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
      // Nothing reaches back over an ASCII character, so that the text can be cut before each.
      let end = rest.dropFirst(1024).firstIndex { $0 < 0x80 } ?? rest.endIndex
      let part = rest[..<end]
      output += part.allSatisfy { $0 < limit } ? Array(part) : normalForm(part)
      rest = rest[end...]
    }
    return output
  }

  private func normalForm(_ part: ArraySlice<UInt8>) -> [UInt8] {
    var text = DecomposedText(String(decoding: part, as: UTF8.self), compatibly: self == .nfkc || self == .nfkd)
    if self == .nfc || self == .nfkc { text.compose() }
    return text.utf8
  }
}
