import JSON

extension ModelCard {
  /// A table whose cells may hold any text.
  func table(_ head: [String], _ rows: [[String]]) -> String {
    func row(_ cells: [String]) -> String {
      "| " + cells.map { line($0).replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return ([row(head), row(head.map { _ in "---" })] + rows.map(row)).joined(separator: "\n")
  }

  /// The text in one line, as a heading or a cell must be.
  func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

  /// Text shown to the letter within a line.
  func code(_ text: String) -> String {
    guard !text.isEmpty else { return "(empty)" }
    let ticks = String(repeating: "`", count: longestRunOfTicks(in: text) + 1)
    // A space keeps the text's own backticks apart from the fence; Markdown takes it off again.
    let space = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    return ticks + space + line(text) + space + ticks
  }

  /// Text shown to the letter as a block.
  func fenced(_ text: String, _ language: String = "") -> String {
    let ticks = String(repeating: "`", count: max(3, longestRunOfTicks(in: text) + 1))
    return ticks + language + "\n" + text + "\n" + ticks
  }

  /// The text as one word of a POSIX shell.
  func shellQuoted(_ text: String) -> String {
    let plain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0)) }
    if plain, !text.isEmpty { return text }
    return "'" + text.replacing("'", with: #"'\''"#) + "'"
  }

  private func longestRunOfTicks(in text: String) -> Int {
    var (longest, run) = (0, 0)
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
