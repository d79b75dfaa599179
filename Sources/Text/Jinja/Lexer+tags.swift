import JSON

extension Jinja.Lexer {
  private static let symbols = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
    ":", "|", ",", ";",
  ]

  /// The tokens of a tag up to its end, which is not looked for inside of brackets.
  mutating func tag(closing: Unicode.Scalar) throws {
    var brackets: [String] = []
    while let next = scalar(position) {
      if brackets.isEmpty, let end = endOfTag(closing, at: position, sign: next == "-" || next == "+" ? next : nil) {
        append(closing == "%" ? .blockEnd : .variableEnd)
        return advance(to: end)
      }
      if Jinja.PythonText.isSpace(next) {
        advance(to: position + 1)
      } else if isDigit(next) {
        try number()
      } else if isNamePart(next) {
        try name()
      } else if next == "'" || next == "\"" {
        try string(quote: next)
      } else if let symbol = Self.symbols.first(where: { matches($0, at: position) }) {
        try balance(&brackets, with: symbol)
        append(.symbol(symbol))
        advance(to: position + symbol.unicodeScalars.count)
      } else {
        throw Jinja.Failure("unexpected character \(Jinja.PythonText.quoted(String(next)))", line: line)
      }
    }
  }

  private func balance(_ brackets: inout [String], with symbol: String) throws {
    switch symbol {
    case "(": brackets.append(")")
    case "[": brackets.append("]")
    case "{": brackets.append("}")
    case ")", "]", "}":
      guard let expected = brackets.popLast() else { throw Jinja.Failure("unexpected '\(symbol)'", line: line) }
      guard expected == symbol else {
        throw Jinja.Failure("unexpected '\(symbol)', expected '\(expected)'", line: line)
      }
    default: break
    }
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  private func isNamePart(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isXIDContinue }

  private mutating func name() throws {
    var end = position
    while let next = scalar(end), isNamePart(next) { end += 1 }
    append(.name(string(position..<end)))
    advance(to: end)
  }

  /// An integer (also `0x`, `0o`, `0b`) or a number with a point or an exponent; `_` may stand between digits.
  private mutating func number() throws {
    if source[position] == "0", let mark = scalar(position + 1) {
      let radix = ["x": 16, "o": 8, "b": 2][String(mark).lowercased()]
      if let radix, let end = digits(from: position + 2, radix: radix) {
        return try integer(string(position + 2..<end), radix: radix, end: end)
      }
    }
    guard let whole = digits(from: position, radix: 10) else { return }
    var end = whole
    // `x.0.1` is two subscripts, not a fraction.
    let afterPoint = position > 0 && source[position - 1] == "."
    if !afterPoint, scalar(end) == ".", let fraction = digits(from: end + 1, radix: 10) { end = fraction }
    if !afterPoint, scalar(end) == "e" || scalar(end) == "E" {
      let signed = scalar(end + 1) == "+" || scalar(end + 1) == "-"
      if let exponent = digits(from: end + (signed ? 2 : 1), radix: 10) { end = exponent }
    }
    if end == whole { return try integer(string(position..<end), radix: 10, end: end) }
    let text = string(position..<end).filter { $0 != "_" }
    guard let value = Double(text) else { throw Jinja.Failure("'\(text)' is not a number", line: line) }
    append(.float(value))
    advance(to: end)
  }

  private mutating func integer(_ text: String, radix: Int, end: Int) throws {
    let text = text.filter { $0 != "_" }
    guard radix != 10 || !text.hasPrefix("0") || text.allSatisfy({ $0 == "0" }) else {
      throw Jinja.Failure("the number \(text.prefix(40)) may not begin with 0", line: line)
    }
    guard let value = Int(text, radix: radix) else {
      throw Jinja.Failure("the number \(text.prefix(40)) does not fit 64 bits", line: line)
    }
    append(.integer(value))
    advance(to: end)
  }

  /// The end of a run of digits with single `_` between them; nil where there is no digit.
  private func digits(from start: Int, radix: Int) -> Int? {
    var end = start
    while let next = scalar(end) {
      let digit = next == "_" && radix != 10 && end == start ? scalar(end + 1) : next
      if let digit, digit.isASCII, let value = Character(digit).hexDigitValue, value < radix {
        end += 1
      } else if next == "_", end > start, source[end - 1] != "_", let after = scalar(end + 1), after.isASCII,
        let value = Character(after).hexDigitValue, value < radix
      {
        end += 1
      } else {
        break
      }
    }
    return end > start ? end : nil
  }

  /// A string in quotes, with Python's escapes.
  private mutating func string(quote: Unicode.Scalar) throws {
    var text = String.UnicodeScalarView()
    var index = position + 1
    while let next = scalar(index), next != quote {
      index += 1
      if next == "\\" { try escape(&index, into: &text) } else { text.append(next) }
    }
    guard scalar(index) == quote else { throw Jinja.Failure("the string has no end", line: line) }
    append(.string(String(text)))
    advance(to: index + 1)
  }

  private func escape(_ index: inout Int, into text: inout String.UnicodeScalarView) throws {
    guard let mark = scalar(index) else { return }
    index += 1
    let simple: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
      "v": "\u{B}",
    ]
    if let scalar = simple[mark] { return text.append(scalar) }
    switch mark {
    case "\n": return
    case "x": try code(&index, digits: 2, into: &text)
    case "u": try code(&index, digits: 4, into: &text)
    case "U": try code(&index, digits: 8, into: &text)
    case "0"..."7":
      index -= 1
      var value: UInt32 = 0
      let start = index
      while index < start + 3, let digit = scalar(index), digit >= "0", digit <= "7" {
        value = value * 8 + (digit.value - 48)
        index += 1
      }
      if let scalar = Unicode.Scalar(value) { text.append(scalar) }
    case "N": throw Jinja.Failure("the escape \\N is not supported", line: line)
    default:
      text.append("\\")
      text.append(mark)
    }
  }

  private func code(_ index: inout Int, digits: Int, into text: inout String.UnicodeScalarView) throws {
    let end = min(index + digits, source.count)
    let hex = string(index..<end)
    guard hex.unicodeScalars.count == digits, hex.allSatisfy({ $0.isASCII && $0.isHexDigit }),
      let value = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(value)
    else { throw Jinja.Failure("'\\' with \(digits) hexadecimal digits must name a character", line: line) }
    text.append(scalar)
    index = end
  }
}
