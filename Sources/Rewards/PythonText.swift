import Text

/// Strings as the authors' programs see them: code points, compared one by one.
package typealias PythonText = Jinja.PythonText

extension PythonText {
  /// The ASCII characters of Python's `string.punctuation`.
  package static let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".unicodeScalars)

  /// `str.replace`.
  package static func replace(_ text: String, _ old: String, with new: String = "") -> String {
    replace(text, old, with: new, limit: .max)
  }

  /// `str.split`; nil splits at white space.
  package static func split(_ text: String, by separator: String? = nil) -> [String] {
    split(text, by: separator, limit: .max)
  }

  /// `str.startswith`.
  package static func hasPrefix(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  /// `str.endswith`.
  package static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
    text.utf8.count >= suffix.utf8.count && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// `str.removeprefix`.
  package static func removingPrefix(_ text: String, _ prefix: String) -> String {
    hasPrefix(text, prefix) ? String(text.unicodeScalars.dropFirst(prefix.unicodeScalars.count)) : text
  }

  /// `str.removesuffix`.
  package static func removingSuffix(_ text: String, _ suffix: String) -> String {
    hasSuffix(text, suffix) ? String(text.unicodeScalars.dropLast(suffix.unicodeScalars.count)) : text
  }

  /// Whether `\w` of Python's `re` matches: letters, numbers and the underscore.
  package static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar == "_" || isDigit(scalar) || (scalar.value | 0x20) &- 0x61 < 26 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return scalar.properties.numericType != nil
    }
  }

  /// Whether `\d` of Python's `re` matches: the decimal digits of any script.
  package static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar.value &- 0x30 < 10 : scalar.properties.generalCategory == .decimalNumber
  }

  /// How many runs of `\w` a text has.
  package static func wordCount(_ text: String) -> Int {
    var (count, isInside) = (0, false)
    for scalar in text.unicodeScalars {
      let isWord = isWord(scalar)
      if isWord && !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }
}
