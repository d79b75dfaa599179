/// A normal form of Unicode text (UAX #15), as the reference computes it: by Unicode 9, which leaves later code
/// points as they are.
enum UnicodeForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  /// The normal form of valid UTF-8.
  func normalize(_ bytes: [UInt8]) -> [UInt8] {
    // U+0300, the first code point that NFC may change, begins with the byte 0xCC; the other forms keep ASCII.
    let limit: UInt8 = self == .nfc ? 0xCC : 0x80
    if bytes.allSatisfy({ $0 < limit }) { return bytes }
    var text = DecomposedText(
      String(decoding: bytes, as: UTF8.self), compatibly: self == .nfkc || self == .nfkd)
    if self == .nfc || self == .nfkc { text.compose() }
    return text.utf8
  }
}
