extension MathAnswer {
  /// A result without units, words and marks that mean nothing: appendix D of Lewkowycz et al. 2022 (arXiv 2206.14858),
  /// step by step.
  static func minervaNormalized(_ answer: String) -> String {
    var answer = PythonText.split(answer, by: "=").last ?? ""
    for (old, new) in substitutions { answer = PythonText.replace(answer, old, with: new) }
    for expression in removedExpressions { answer = PythonText.replace(answer, expression) }
    // What is in LaTeX's mathematics, in a box, in bold.
    answer = linewise(answer) { line in
      let pieces = PythonText.split(line, by: "$")
      return pieces.count > 2 ? "$\(pieces[1])$" : line
    }
    for command in ["\\text{", "\\textbf{", "\\overline{"] {
      answer = linewise(answer) { withoutCommand(command, $0) }
    }
    answer = linewise(answer, withoutOuterBox)
    answer = PythonText.replace(withBraces(answer), "$")
    // 100,000 is 100000.
    let digits = PythonText.replace(answer, ",")
    return isDigits(digits) ? digits : answer
  }

  private static let substitutions = [
    ("an ", ""), ("a ", ""), (".$", "$"), ("\\$", ""), ("\\ ", ""), (" ", ""), ("mbox", "text"), (",\\text{and}", ","),
    ("\\text{and}", ","), ("\\text{m}", "\\text{}"),
  ]

  private static let removedExpressions = [
    "square", "ways", "integers", "dollars", "mph", "inches", "ft", "hours", "km", "units", "\\ldots", "sue", "points",
    "feet", "minutes", "digits", "cents", "degrees", "cm", "gm", "pounds", "meters", "meals", "edges", "students",
    "childrentickets", "multiples", "\\text{s}", "\\text{.}", "\\text{\ns}", "\\text{}^2", "\\text{}^3", "\\text{\n}",
    "\\text{}", "\\mathrm{th}", "^\\circ", "^{\\circ}", "\\;", ",\\!", "{,}", "\"", "\\dots",
  ]

  private static func linewise(_ text: String, _ change: (String) -> String) -> String {
    PythonText.split(text, by: "\n").map(change).joined(separator: "\n")
  }

  /// Leaves of `\text{…}` what is in it, up to the first brace that closes.
  private static func withoutCommand(_ command: String, _ line: String) -> String {
    let pieces = PythonText.split(line, by: command)
    var (result, open) = (pieces[0], String?.none)
    for piece in pieces.dropFirst() {
      // A command within another's text stays: the outer one goes on to the brace that closes.
      let text = (open.map { $0 + command } ?? "") + piece
      let parts = PythonText.split(text, by: "}", limit: 1)
      if parts.count == 2 { result += parts.joined() }
      open = parts.count == 2 ? nil : text
    }
    return result + (open.map { command + $0 } ?? "")
  }

  /// Leaves of `\boxed{…}` what is in it, up to the last brace that closes.
  private static func withoutOuterBox(_ line: String) -> String {
    let opening = PythonText.split(line, by: "\\boxed{", limit: 1)
    guard opening.count == 2 else { return line }
    let pieces = PythonText.split(opening[1], by: "}")
    guard pieces.count > 1 else { return line }
    return opening[0] + pieces.dropLast().joined(separator: "}") + pieces[pieces.count - 1]
  }

  /// `\frac12` becomes `\frac{1}{2}`, and `\sqrt2` `\sqrt{2}`.
  private static func withBraces(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    for (name, count) in [(Array("frac".unicodeScalars), 2), (Array("sqrt".unicodeScalars), 1)] {
      var (result, index) = ([Unicode.Scalar](), 0)
      while index < scalars.count {
        let end = index + name.count
        guard scalars[index...].starts(with: name), end + count <= scalars.count, scalars[end] != "{",
          count == 1 || scalars[end + 1] != "\n"
        else {
          result.append(scalars[index])
          index += 1
          continue
        }
        result += name
        for scalar in scalars[end..<(end + count)] { result += ["{", scalar, "}"] }
        index = end + count
      }
      scalars = result
    }
    return PythonText.string(scalars)
  }

  /// `str.isdigit`.
  private static func isDigits(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy { [.decimal, .digit].contains($0.properties.numericType) }
  }
}
