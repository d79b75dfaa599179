import JSON

extension Jinja {
  /// On which side a padded text stands.
  enum Alignment { case left, right, center, afterSign }
}

extension Jinja.Interpreter {
  func joined(_ parts: [String], with separator: String) throws -> String {
    let bytes = parts.reduce(0) { Jinja.Limit.sum($0, $1.utf8.count) }
    let (separators, overflow) = separator.utf8.count.multipliedReportingOverflow(by: parts.count)
    try reserve(Jinja.Limit.sum(bytes, overflow ? .max : separators))
    return parts.joined(separator: separator)
  }

  func replaced(_ text: String, _ old: String, with new: String, count: Int) throws -> String {
    let limit = count < 0 ? Int.max : count
    let places = old.isEmpty ? text.unicodeScalars.count + 1 : text.utf8.count / old.utf8.count
    if new.utf8.count > old.utf8.count {
      // The places are counted only where the bound could matter.
      let exact =
        old.isEmpty || places < 1024
        ? places : Jinja.PythonText.offsets(of: Array(old.utf8), in: Array(text.utf8), limit: limit).count
      try reserve(new.utf8.count, times: min(exact, limit))
    }
    try spend(text.utf8.count * Jinja.Limit.search)
    return Jinja.PythonText.replace(text, old, with: new, limit: limit)
  }

  func padded(
    _ text: String, to width: Int, with fill: Unicode.Scalar, _ alignment: Jinja.Alignment
  ) throws -> String {
    let missing = max(0, width) - text.unicodeScalars.count
    guard missing > 0 else { return text }
    try reserve(missing, times: 4)
    func fills(_ count: Int) -> String { Jinja.PythonText.string(repeatElement(fill, count: count)) }
    switch alignment {
    case .left: return text + fills(missing)
    case .right: return fills(missing) + text
    case .afterSign:
      guard let sign = text.first, sign == "-" || sign == "+" || sign == " " else { return fills(missing) + text }
      return String(sign) + fills(missing) + text.dropFirst()
    case .center:
      // As Python does it: of an odd number, the odd one goes left where the width is odd.
      let left = missing / 2 + (missing & max(0, width) & 1)
      return fills(left) + text + fills(missing - left)
    }
  }
}

extension Jinja.PythonText {
  static func isAlphabetic(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isAlphabetic(scalar) || scalar.properties.numericType != nil
  }
}
