import JSON

extension Jinja.Interpreter {
  /// `text.format(…)`: fields in braces, with attributes, items, `!r`, and a specification after a colon.
  func braceFormat(
    _ format: String, _ arguments: inout Jinja.CallArguments, escaping: Bool = false
  ) throws -> String {
    let given = arguments
    arguments = Jinja.CallArguments(callee: arguments.callee)
    var scanner = Jinja.FormatScanner(format)
    var result = ""
    var automatic = 0
    while let scalar = scanner.next() {
      if scalar == "}" {
        guard scanner.skip("}") else { throw Failure("single '}' in a format") }
        result += "}"
      } else if scalar == "{", scanner.skip("{") {
        result += "{"
      } else if scalar == "{" {
        let text = try field(try scanner.text(until: "}"), given, &automatic, escaping: escaping)
        try reserve(result.utf8.count / 16 + text.utf8.count)
        result += text
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private func field(
    _ field: String, _ given: Jinja.CallArguments, _ automatic: inout Int, escaping: Bool
  ) throws -> String {
    guard !field.contains("{") else { throw Failure("fields inside of fields are not supported in a format") }
    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let head = (parts.first ?? "").split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
    var path = Jinja.FormatScanner(String(head.first ?? ""))
    var name = ""
    while let scalar = path.peek, scalar != ".", scalar != "[" {
      name.unicodeScalars.append(scalar)
      _ = path.next()
    }
    var value: Value
    if name.isEmpty {
      value = try positional(automatic, given)
      automatic += 1
    } else if let index = Int(name) {
      value = try positional(index, given)
    } else if let keyword = given.keywords.first(where: { Jinja.PythonText.areEqual($0.name, name) }) {
      value = keyword.value
    } else {
      throw Failure("the format needs the argument \(Jinja.PythonText.quoted(name))")
    }
    while let scalar = path.next() {
      if scalar == "." {
        var attribute = ""
        while let scalar = path.peek, scalar != ".", scalar != "[" {
          attribute.unicodeScalars.append(scalar)
          _ = path.next()
        }
        value = try self.attribute(attribute, of: value)
      } else {
        let key = try path.text(until: "]")
        value = try item(Int(key).map(Value.int) ?? .string(key), of: value)
      }
    }
    let isQuoted = head.count > 1 && head[1] == "r"
    guard head.count < 2 || isQuoted || head[1] == "s" else { throw Failure("unknown conversion in a format") }
    if head.count > 1 { value = .string(isQuoted ? value.quoted : try text(of: value)) }
    let specification = parts.count > 1 ? String(parts[1]) : ""
    guard escaping else { return try formatted(value, specification) }
    if case .markup(let text) = value, specification.isEmpty { return text }
    return try escaped(.string(formatted(value, specification)))
  }

  private func positional(_ index: Int, _ given: Jinja.CallArguments) throws -> Value {
    guard given.positional.indices.contains(index) else { throw Failure("the format needs more arguments") }
    return given.positional[index]
  }

  /// `[[fill]align][sign][#][0][width][,][.precision][type]`
  private func formatted(_ value: Value, _ specification: String) throws -> String {
    if specification.isEmpty { return try text(of: value) }
    var scalars = Array(specification.unicodeScalars)[...]
    let marks: [Unicode.Scalar: Jinja.Alignment] = ["<": .left, ">": .right, "^": .center, "=": .afterSign]
    var fill: Unicode.Scalar = " "
    var alignment: Jinja.Alignment?
    if let first = scalars.first, let mark = scalars.dropFirst().first.flatMap({ marks[$0] }) {
      (fill, alignment) = (first, mark)
      scalars = scalars.dropFirst(2)
    } else if let mark = scalars.first.flatMap({ marks[$0] }) {
      alignment = mark
      scalars = scalars.dropFirst()
    }
    var scanner = Jinja.FormatScanner(Jinja.PythonText.string(scalars))
    var spec = Jinja.NumberFormat(type: "s")
    let sign = scanner.run(of: "+- ")
    spec.sign = sign == "-" ? "" : sign
    spec.alternate = scanner.skip("#")
    if scanner.skip("0"), alignment == nil { (fill, alignment) = ("0", .afterSign) }
    let width = try scanner.integer() ?? 0
    spec.grouping = scanner.skip(",") ? "," : scanner.skip("_") ? "_" : nil
    if scanner.skip(".") { spec.precision = try scanner.integer() }
    let type = scanner.next().map(Character.init)
    guard scanner.next() == nil else { throw Failure("invalid specification in a format") }
    if let number = value.number {
      let text = try self.text(of: value, number, &spec, type)
      return try padded(text, to: width, with: fill, alignment ?? .right)
    }
    guard let text = value.string, type == nil || type == "s", alignment != .afterSign, sign.isEmpty else {
      throw Failure("the specification in a format does not fit '\(value.typeName)'")
    }
    let cut = spec.precision.map { Jinja.PythonText.string(text.unicodeScalars.prefix($0)) } ?? text
    return try padded(cut, to: width, with: fill, alignment ?? .left)
  }

  private func text(
    of value: Value, _ number: Double, _ spec: inout Jinja.NumberFormat, _ type: Character?
  ) throws -> String {
    if let type, "eEfFgG%".contains(type) {
      spec.type = type
      return try spec.text(of: number)
    }
    if let integer = value.integer, type == nil || type.map("dxXobn".contains) == true {
      spec.type = type ?? "d"
      guard spec.precision == nil else { throw Failure("an integer has no precision in a format") }
      return spec.text(of: integer)
    }
    guard type == nil else { throw Failure("unknown type '\(type ?? " ")' in a format") }
    guard spec.precision != nil else { return (number < 0 ? "" : spec.sign) + Jinja.PythonNumber.text(number) }
    spec.type = "g"
    return try spec.text(of: number)
  }
}
