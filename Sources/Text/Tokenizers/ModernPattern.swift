/// A pattern whose classes know the characters of Unicode 16, as those of tokenizers do, whatever the system's Oniguruma knows:
/// what a class lacks stands beside it.
struct ModernPattern {
  let text: String

  init(_ pattern: String) {
    var (result, depth) = ("", 0)
    var rest = pattern[...]
    while let character = rest.first {
      if let (escape, missing) = Self.escape(at: rest) {
        result += missing.isEmpty ? String(escape) : depth > 0 ? escape + missing : "[\(escape)\(missing)]"
        rest = rest.dropFirst(escape.count)
        continue
      }
      let isEscaped = character == "\\"
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      result += rest.prefix(isEscaped ? 2 : 1)
      rest = rest.dropFirst(isEscaped ? 2 : 1)
    }
    text = result
  }

  /// The class that stands at the beginning of a pattern, and what it lacks.
  private static func escape(at pattern: Substring) -> (escape: Substring, missing: String)? {
    guard pattern.hasPrefix("\\") else { return nil }
    if pattern.hasPrefix("\\w") { return (pattern.prefix(2), missing("\\w") { $0.isWord }) }
    if pattern.hasPrefix("\\d") {
      return (pattern.prefix(2), missing("\\d") { $0.properties.generalCategory == .decimalNumber })
    }
    guard pattern.hasPrefix("\\p{"), let end = pattern.firstIndex(of: "}") else { return nil }
    let escape = pattern[...end]
    let name = String(escape.dropFirst(3).dropLast())
    return (escape, missing(String(escape)) { $0.properties.generalCategory.name.hasPrefix(name) })
  }

  /// The younger characters that a class should have and has not, as they stand between brackets.
  private static func missing(_ escape: String, _ belongs: (Unicode.Scalar) -> Bool) -> String {
    guard let expression = try? SplitExpression(exactly: escape, named: escape) else { return "" }
    var ranges: [ClosedRange<UInt32>] = []
    for scalar in young where belongs(scalar) && !expression.matches(scalar) {
      if let last = ranges.last, last.upperBound + 1 == scalar.value {
        ranges[ranges.count - 1] = last.lowerBound...scalar.value
      } else {
        ranges.append(scalar.value...scalar.value)
      }
    }
    return ranges.map { "\\x{\(String($0.lowerBound, radix: 16))}-\\x{\(String($0.upperBound, radix: 16))}" }.joined()
  }

  /// The characters that came with Unicode 14 to 16.
  private static let young: [Unicode.Scalar] = (UInt32(0x80)...0x10FFFF).lazy.compactMap(Unicode.Scalar.init).filter {
    $0.properties.age.map { (14...16).contains($0.major) } ?? false
  }
}

extension Unicode.GeneralCategory {
  /// Its name in patterns, as `Lu`.
  fileprivate var name: String {
    switch self {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    case .unassigned: "Cn"
    @unknown default: ""
    }
  }
}
