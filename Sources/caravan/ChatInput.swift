import Foundation

/// What a person types: a line, or several.
enum ChatInput {
  /// The next input; nil at the end.
  ///
  /// A line that ends in a backslash goes on in the next. Lines between two lines of `"""` are one input.
  static func read() -> String? {
    guard var line = line("> ") else { return nil }
    if line.hasPrefix("\"\"\"") {
      var text = String(line.dropFirst(3))
      while !text.hasSuffix("\"\"\"") {
        guard let next = self.line(". ") else { return text }
        text += "\n" + next
      }
      text.removeLast(3)
      return text.trimmingCharacters(in: .newlines)
    }
    while line.hasSuffix("\\") {
      line.removeLast()
      guard let next = self.line(". ") else { return line }
      line += "\n" + next
    }
    return line
  }

  private static func line(_ sign: String) -> String? {
    if isatty(STDIN_FILENO) != 0 { FileHandle.standardError.write(Data(sign.utf8)) }
    return readLine()
  }
}
