extension Jinja.PythonText {
  package static func upper(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { $0 += $1.properties.uppercaseMapping }
  }

  /// Lower case, where a Greek sigma at the end of a word takes its final form.
  package static func lower(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      if scalar == "Σ", endsWord(scalars, index) { result += "ς" } else { result += scalar.properties.lowercaseMapping }
    }
    return result
  }

  private static func endsWord(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
    let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return before?.properties.isCased == true && after?.properties.isCased != true
  }

  static func capitalize(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return "" }
    return first.properties.titlecaseMapping + lower(String(text.unicodeScalars.dropFirst()))
  }

  /// `str.title`: each run of letters begins with a capital.
  static func title(_ text: String) -> String {
    var result = ""
    var insideWord = false
    for scalar in text.unicodeScalars {
      result += insideWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      insideWord = scalar.properties.isCased
    }
    return result
  }

  static func swapCase(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      result += scalar.properties.isUppercase ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
    }
  }

  /// `str.islower` and `str.isupper`: there is a cased letter, and none of the other case.
  package static func isAll(lower: Bool, _ text: String) -> Bool {
    var found = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if lower ? properties.isUppercase : properties.isLowercase { return false }
      if properties.generalCategory == .titlecaseLetter { return false }
      if lower ? properties.isLowercase : properties.isUppercase { found = true }
    }
    return found
  }

  /// `str.istitle`.
  static func isTitle(_ text: String) -> Bool {
    var found = false
    var insideWord = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
        if insideWord { return false }
        insideWord = true
        found = true
      } else if properties.isLowercase {
        if !insideWord { return false }
      } else {
        insideWord = false
      }
    }
    return found
  }

  /// `repr` of a string: in quotes, with escapes for what cannot be seen.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in scalars {
      switch scalar {
      case quote, "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if isPrintable(scalar) { result.unicodeScalars.append(scalar) } else { result += escaped(scalar) }
      }
    }
    return result + String(quote)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    let (mark, width) = scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
    return mark + String(repeating: "0", count: width - digits.count) + digits
  }

  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (32..<127).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
