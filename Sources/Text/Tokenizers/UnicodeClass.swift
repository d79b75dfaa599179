/// The classes of code points that tokenizers split by, as the regular expressions of their reference
/// implementations know them (Unicode 16).
enum UnicodeClass {
  /// `\p{L}`: letters in the general categories Lu, Ll, Lt, Lm and Lo.
  case letter
  /// `\p{N}`: numbers in the general categories Nd, Nl and No.
  case number
  /// `\s`: code points with the property White_Space.
  case space
  /// Everything else.
  case other

  @inline(__always)
  init(_ scalar: Unicode.Scalar) {
    let value = scalar.value
    if value < 0x80 {
      let isLetter = (value | 0x20) &- 0x61 < 26
      let isSpace = value == 0x20 || value &- 0x09 < 5
      self = isLetter ? .letter : isSpace ? .space : value &- 0x30 < 10 ? .number : .other
    } else {
      self.init(beyondASCII: scalar)
    }
  }

  private init(beyondASCII scalar: Unicode.Scalar) {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = Self.isKnown(properties) ? .letter : .other
    case .decimalNumber, .letterNumber, .otherNumber:
      self = Self.isKnown(properties) ? .number : .other
    default:
      self = properties.isWhitespace ? .space : .other
    }
  }

  /// Whether the code point was assigned by Unicode 16. Swift knows later ones, which the references leave alone.
  fileprivate static func isKnown(_ properties: Unicode.Scalar.Properties) -> Bool {
    guard let age = properties.age else { return false }
    return age.major <= 16
  }
}

extension Unicode.Scalar {
  /// `\s`.
  var isSpace: Bool { properties.isWhitespace }

  /// `\w`: letters, marks, decimal digits, connector punctuation and joiners.
  var isWord: Bool {
    guard UnicodeClass.isKnown(properties) else { return false }
    return switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }

  /// Marks of all kinds as Unicode 9 had them, as the step `StripAccents` knows them.
  var isAccent: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: properties.age.map { $0.major <= 9 } ?? false
    // These became letters later.
    default: value == 0x1CF2 || value == 0x1CF3
    }
  }

  /// Numbers as the step `Digits` knows them: the class `\p{N}`, with the newest code points.
  var isNumeric: Bool {
    if isASCII { return UnicodeClass(self) == .number }
    return switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// ASCII punctuation and symbols, and the general categories that begin with P, as Unicode 8 had them.
  var isPunctuation: Bool {
    if isASCII { return (0x21...0x7E).contains(value) && UnicodeClass(self) == .other }
    return switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      properties.age.map { $0.major <= 8 } ?? false
    // U+166D became a symbol later.
    default: value == 0x166D
    }
  }
}
