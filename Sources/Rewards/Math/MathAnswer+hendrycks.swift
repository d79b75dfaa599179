extension MathAnswer {
  /// Whether two results are the same once both are normalized, as MATH's authors do it (Hendrycks et al. 2021,
  /// `math_equivalence.py`, in the form that open-instruct and lm-evaluation-harness run). Where that fails for one of
  /// them, the texts themselves are compared.
  package static func areEquivalent(_ a: String, _ b: String) -> Bool {
    if let a = hendrycksNormalized(a), let b = hendrycksNormalized(b) { return PythonText.areEqual(a, b) }
    return PythonText.areEqual(a, b)
  }

  /// The steps in the authors' order; nil where their program ends in an error.
  static func hendrycksNormalized(_ text: String) -> String? {
    var text = text
    for (old, new) in replacements { text = PythonText.replace(text, old, with: new) }
    // A unit on the right.
    let parts = PythonText.split(text, by: "\\text{ ")
    guard parts.count <= 2 else { return nil }
    text = PythonText.replace(parts[0], "\\%")
    text = PythonText.replace(PythonText.replace(text, " .", with: " 0."), "{.", with: "{0.")
    if text.isEmpty { return text }
    if PythonText.hasPrefix(text, ".") { text = "0" + text }
    // A short name before the value, as in "x = 3".
    let sides = PythonText.split(text, by: "=")
    if sides.count == 2, sides[0].unicodeScalars.count <= 2 { text = sides[1] }
    guard let rooted = bracedRoots(text) else { return nil }
    guard let fractions = bracedFractions(PythonText.replace(rooted, " ")) else { return nil }
    return slashedFraction(PythonText.areEqual(fractions, "0.5") ? "\\frac{1}{2}" : fractions)
  }

  private static let replacements = [
    ("\n", ""), ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac"), ("\\left", ""), ("\\right", ""),
    ("^{\\circ}", ""), ("^\\circ", ""), ("\\$", ""),
  ]

  /// `\sqrt3` becomes `\sqrt{3}`.
  private static func bracedRoots(_ text: String) -> String? {
    let pieces = PythonText.split(text, by: "\\sqrt")
    var result = pieces[0]
    for piece in pieces.dropFirst() {
      guard let first = piece.unicodeScalars.first else { return nil }
      result += "\\sqrt" + (first == "{" ? piece : "{\(first)}" + PythonText.string(piece.unicodeScalars.dropFirst()))
    }
    return result
  }

  /// `\frac12` becomes `\frac{1}{2}`, also with one side in braces.
  private static func bracedFractions(_ text: String) -> String? {
    let pieces = PythonText.split(text, by: "\\frac")
    var result = pieces[0]
    for piece in pieces.dropFirst() {
      let scalars = Array(piece.unicodeScalars)
      guard let first = scalars.first else { return nil }
      result += "\\frac"
      if first == "{" {
        result += piece
      } else {
        // Half a fraction: the authors give up on the whole text.
        guard scalars.count > 1 else { return text }
        let rest = PythonText.string(scalars[2...])
        result += "{\(first)}" + (scalars[1] == "{" ? "{" : "{\(scalars[1])}") + rest
      }
    }
    return result
  }

  /// `1/2` becomes `\frac{1}{2}`. Sides that are no whole numbers are an error of the authors' program.
  private static func slashedFraction(_ text: String) -> String? {
    let sides = PythonText.split(text, by: "/")
    guard sides.count == 2 else { return text }
    guard sides.allSatisfy(isInteger) else { return nil }
    return sides.allSatisfy(isPlainInteger) ? "\\frac{\(sides[0])}{\(sides[1])}" : text
  }

  /// Whether Python's `int` reads a text.
  private static func isInteger(_ text: String) -> Bool {
    var digits = PythonText.strip(text).unicodeScalars[...]
    if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
    let groups = digits.split(separator: "_", omittingEmptySubsequences: false)
    // Python reads no longer numbers.
    return digits.count <= 4300 && groups.allSatisfy { !$0.isEmpty && $0.allSatisfy(PythonText.isDigit) }
  }

  /// Whether a whole number is written as Python writes it.
  private static func isPlainInteger(_ text: String) -> Bool {
    let digits = PythonText.removingPrefix(text, "-").utf8
    guard digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
    return digits.elementsEqual("0".utf8) ? text.utf8.first != UInt8(ascii: "-") : digits.first != UInt8(ascii: "0")
  }
}
