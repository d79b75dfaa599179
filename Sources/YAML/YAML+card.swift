import JSON

extension YAML {
  /// The header of a model's or data set's card: the lines between the `---` on the first line and the next `---`.
  package static func header(ofCard markdown: String) -> String? {
    // Swift sees "\r\n" as one character, and as a newline.
    let lines = markdown.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    func isFence(_ line: Substring) -> Bool {
      line.hasPrefix("---") && line.dropFirst(3).allSatisfy(\.isWhitespace)
    }
    guard let first = lines.first, isFence(first), let end = lines.dropFirst().firstIndex(where: isFence) else {
      return nil
    }
    return lines[1..<end].joined(separator: "\n")
  }
}
