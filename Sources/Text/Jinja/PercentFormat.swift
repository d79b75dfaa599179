import JSON

extension Jinja.Interpreter {
  /// `format % values`, as C's `printf` with Python's additions; `escaping` what is no number, as markup does.
  func percentFormat(_ format: String, _ values: Value, escaping: Bool = false) throws -> String {
    var scanner = Jinja.FormatScanner(format)
    var result = ""
    var rest: [Value] = [values]
    if case .tuple(let elements) = values { rest = elements.values }
    var usesNames = false
    func next() throws -> Value {
      guard !rest.isEmpty else { throw Failure("not enough arguments for the format") }
      return rest.removeFirst()
    }
    func number() throws -> Int {
      guard let value = try next().integer else { throw Failure("'*' in a format needs an integer") }
      return value
    }
    try spend(format.utf8.count)
    while let scalar = scanner.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      var value: Value?
      if scanner.skip("(") {
        guard case .dictionary(let dictionary) = values else { throw Failure("the format needs a mapping") }
        let name = try scanner.text(until: ")")
        guard let found = dictionary.items[.string(name)] else {
          throw Failure("the format needs the key \(Jinja.PythonText.quoted(name))")
        }
        value = found
        usesNames = true
      }
      let flags = scanner.run(of: "#0- +")
      var width = try scanner.skip("*") ? number() : scanner.integer()
      var precision: Int?
      if scanner.skip(".") { precision = try max(0, scanner.skip("*") ? number() : scanner.integer() ?? 0) }
      _ = scanner.run(of: "lLh")
      guard let type = scanner.next() else { throw Failure("incomplete format") }
      if type == "%" {
        result += "%"
        continue
      }
      var isLeft = flags.contains("-")
      if let given = width, given < 0 {
        isLeft = true
        width = given == .min ? .max : -given
      }
      var spec = Jinja.NumberFormat(type: Character(type), precision: precision)
      spec.sign = flags.contains("+") ? "+" : flags.contains(" ") ? " " : ""
      spec.alternate = flags.contains("#")
      let argument = try value ?? next()
      let text = try formatted(argument, spec, escaping: escaping)
      let isNumber = !"sra".contains(Character(type)) && type != "c"
      let pads: Jinja.Alignment = isLeft ? .left : flags.contains("0") && isNumber ? .afterSign : .right
      let padded = try padded(text, to: width ?? 0, with: pads == .afterSign ? "0" : " ", pads)
      try reserve(result.utf8.count / 16 + padded.utf8.count)
      result += padded
    }
    if !usesNames, !rest.isEmpty {
      if case .dictionary = values { return result }
      throw Failure("not all arguments converted during string formatting")
    }
    return result
  }

  private func formatted(_ value: Value, _ spec: Jinja.NumberFormat, escaping: Bool) throws -> String {
    func cut(_ text: String) -> String {
      spec.precision.map { Jinja.PythonText.string(text.unicodeScalars.prefix($0)) } ?? text
    }
    switch spec.type {
    case "s": return cut(try escaping ? escaped(value) : text(of: value))
    case "r", "a":
      try reserve(value.weight)
      return cut(try escaping ? escaped(.string(value.quoted)) : value.quoted)
    case "c":
      if let text = value.string, text.unicodeScalars.count == 1 { return text }
      guard let code = value.integer.flatMap({ UInt32(exactly: $0) }), let scalar = Unicode.Scalar(code) else {
        throw Failure("%c needs a character")
      }
      return String(scalar)
    case "d", "i", "u":
      guard let whole = try number(value).integer ?? value.number.flatMap({ Int(exactly: $0.rounded(.towardZero)) })
      else { throw Jinja.PythonNumber.tooLarge }
      return spec.text(of: whole)
    case "x", "X", "o":
      guard let whole = value.integer else { throw Failure("%\(spec.type) needs an integer") }
      return spec.text(of: whole)
    case "e", "E", "f", "F", "g", "G": return try spec.text(of: number(value).number ?? 0)
    default: throw Failure("unsupported format character '\(spec.type)'")
    }
  }
}

extension Jinja {
  /// Reads a format from left to right.
  struct FormatScanner {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ format: String) { scalars = Array(format.unicodeScalars) }

    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func next() -> Unicode.Scalar? {
      defer { if position < scalars.count { position += 1 } }
      return peek
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
      guard peek == scalar else { return false }
      position += 1
      return true
    }

    mutating func run(of set: String) -> String {
      var result = ""
      while let scalar = peek, set.unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
        position += 1
      }
      return result
    }

    mutating func text(until end: Unicode.Scalar) throws -> String {
      var result = ""
      while let scalar = next() {
        if scalar == end { return result }
        result.unicodeScalars.append(scalar)
      }
      throw Failure("incomplete format")
    }

    /// A number; nil where there are no digits.
    mutating func integer() throws -> Int? {
      let digits = run(of: "0123456789")
      guard !digits.isEmpty else { return nil }
      guard let value = Int(digits) else { throw Failure("a number in a format is too large") }
      return value
    }
  }
}
