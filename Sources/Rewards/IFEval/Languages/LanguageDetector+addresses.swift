extension LanguageDetector {
  /// A text with a space for each web address: `https?://[-_.?&~;+=/#0-9A-Za-z]{1,2076}`.
  static func withoutWebAddresses(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var kept: [Unicode.Scalar] = []
    kept.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if let end = endOfWebAddress(in: text, from: place) {
        kept.append(" ")
        place = end
      } else {
        kept.append(text[place])
        place += 1
      }
    }
    return kept
  }

  private static let schemes = ["http://", "https://"].map { Array($0.unicodeScalars) }

  private static func endOfWebAddress(in text: [Unicode.Scalar], from place: Int) -> Int? {
    guard text[place] == "h" else { return nil }
    guard let scheme = schemes.first(where: { text[place...].starts(with: $0) }) else { return nil }
    let rest = text[(place + scheme.count)...].prefix(2076).prefix {
      isName($0) || "?&~;+=/#".unicodeScalars.contains($0)
    }
    return rest.isEmpty ? nil : rest.endIndex
  }

  /// A text with a space for each mail address: `[-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}`.
  static func withoutMailAddresses(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var kept: [Unicode.Scalar] = []
    var start = 0
    for place in text.indices where text[place] == "@" {
      let name = text[start..<place].suffix(64).reversed().prefix(while: isName)
      let host = text[(place + 1)...].prefix(255).prefix { isName($0) && $0 != "." }
      let rest = text[host.endIndex...].prefix(255).prefix(while: isName)
      guard !name.isEmpty, !host.isEmpty, host.count + rest.count > 1 else { continue }
      kept += text[start..<place - name.count] + [" "]
      start = rest.endIndex
    }
    return kept + text[start...]
  }

  private static func isName(_ character: Unicode.Scalar) -> Bool {
    character.isASCIILetter || "0"..."9" ~= character || character == "-" || character == "_" || character == "."
  }
}
