import Foundation

/// A normal form of Unicode text (UAX #15), as the reference computes it: by Unicode 9, which leaves later code
/// points as they are.
enum UnicodeForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  /// The normal form of valid UTF-8.
  func normalize(_ bytes: [UInt8]) -> [UInt8] {
    // What a compatibility form makes of one character may compose with the next one.
    if self == .nfkc { return Self.nfc.normalize(Self.nfkd.normalize(bytes)) }
    // U+0300, the first code point that NFC may change, begins with the byte 0xCC; the other forms keep ASCII.
    let limit: UInt8 = self == .nfc ? 0xCC : 0x80
    if bytes.allSatisfy({ $0 < limit }) { return bytes }
    var output = String.UnicodeScalarView()
    var run = String.UnicodeScalarView()
    var isSupplementary = false
    func flush() {
      if run.isEmpty { return }
      output.append(contentsOf: normalForm(String(run)).unicodeScalars)
      run = String.UnicodeScalarView()
      isSupplementary = false
    }
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      let properties = scalar.properties
      guard let age = properties.age, age.major <= 9 else {
        flush()
        output.append(scalar)
        continue
      }
      // Foundation mistakes U+10041 for U+0041 when it composes characters: code points of the basic plane never see
      // a character beyond it before them.
      let isBeyond = scalar.value > 0xFFFF
      let begins = properties.canonicalCombiningClass == .notReordered
      if isSupplementary ? !isBeyond : isBeyond && begins { flush() }
      if begins { isSupplementary = isBeyond }
      run.append(scalar)
    }
    flush()
    return Array(String(output).utf8)
  }

  private func normalForm(_ text: String) -> String {
    switch self {
    case .nfc, .nfkc: Self.decomposed(text).precomposedStringWithCanonicalMapping
    case .nfd: Self.decomposed(text)
    case .nfkd: Self.decomposed(text.decomposedStringWithCompatibilityMapping)
    }
  }

  /// Decomposes twice: Foundation leaves the marks that a mark such as U+0F73 consists of out of order.
  private static func decomposed(_ text: String) -> String {
    text.decomposedStringWithCanonicalMapping.decomposedStringWithCanonicalMapping
  }
}
