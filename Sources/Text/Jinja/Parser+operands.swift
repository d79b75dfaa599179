import JSON

extension Jinja.Parser {
  /// A literal, a variable, or an expression in brackets.
  mutating func primary() throws -> Expression {
    let token = current
    advance()
    switch token.kind {
    case .name("true"), .name("True"): return Expression(.bool(true))
    case .name("false"), .name("False"): return Expression(.bool(false))
    case .name("none"), .name("None"): return Expression(.none)
    case .name(let name):
      if ["caller", "varargs", "kwargs"].contains(name) { implicit.insert(TextKey(name)) }
      return Expression(.name(name))
    case .string(var text):
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return Expression(.string(text))
    case .integer(let value): return Expression(.integer(value))
    case .float(let value): return Expression(.float(value))
    case .symbol("("):
      let result = try nested { try $0.tuple(inParentheses: true) }
      try expect(symbol: ")")
      return result
    case .symbol("["):
      return try expression(.list(try elements(until: "]") { try $0.expression() }))
    case .symbol("{"):
      return try expression(
        .dictionary(
          try elements(until: "}") { parser in
            let key = try parser.expression()
            try parser.expect(symbol: ":")
            return (key, try parser.expression())
          }))
    default: throw failure("unexpected \(token.text)", line: token.line)
    }
  }

  /// Elements with commas between them, one of which may also stand at the end, and the closing bracket.
  private mutating func elements<Element>(
    until end: String, _ element: (inout Self) throws -> Element
  ) throws -> [Element] {
    var result: [Element] = []
    while !skip(symbol: end) {
      if !result.isEmpty {
        try expect(symbol: ",")
        if skip(symbol: end) { break }
      }
      result.append(try element(&self))
    }
    return result
  }

  /// Attributes, items, slices and calls that follow an operand.
  mutating func postfix(_ base: Expression) throws -> Expression {
    var result = base
    while true {
      if skip(symbol: ".") {
        switch current.kind {
        case .name(let name): result = try expression(.attribute(result, name))
        case .integer(let index): result = try expression(.item(result, Expression(.integer(index))))
        default: throw failure("expected a name or a number after '.', got \(current.text)")
        }
        advance()
      } else if skip(symbol: "[") {
        result = try subscripted(result)
      } else if isSymbol("(") {
        result = try expression(.call(result, try arguments()))
      } else {
        return result
      }
    }
  }

  private mutating func subscripted(_ base: Expression) throws -> Expression {
    var start: Expression?
    if !isSymbol(":") {
      let keys = try tupleOfKeys()
      if skip(symbol: "]") { return try expression(.item(base, keys)) }
      start = keys
    }
    var bounds: [Expression?] = []
    while bounds.count < 2, skip(symbol: ":") {
      bounds.append(isSymbol(":") || isSymbol("]") ? nil : try expression())
    }
    guard !bounds.isEmpty else { throw failure("expected ']', got \(current.text)") }
    try expect(symbol: "]")
    return try expression(.slice(base, start: start, stop: bounds[0], step: bounds.count > 1 ? bounds[1] : nil))
  }

  private mutating func tupleOfKeys() throws -> Expression {
    var keys = [try expression()]
    while skip(symbol: ",") { keys.append(try expression()) }
    return keys.count == 1 ? keys[0] : try expression(.tuple(keys))
  }

  /// `(a, b, name=c, *d, **e)`
  mutating func arguments() throws -> Jinja.Arguments {
    try expect(symbol: "(")
    var result = Jinja.Arguments()
    var isFirst = true
    while !skip(symbol: ")") {
      if !isFirst {
        try expect(symbol: ",")
        if skip(symbol: ")") { break }
      }
      isFirst = false
      if isSymbol("*"), result.spread == nil, result.keywordSpread == nil {
        advance()
        result.spread = try expression()
      } else if isSymbol("**"), result.keywordSpread == nil {
        advance()
        result.keywordSpread = try expression()
      } else if case .name(let name) = current.kind, following.kind == .symbol("="), result.keywordSpread == nil {
        advance()
        advance()
        guard !result.keywords.contains(where: { $0.name == name }) else {
          throw failure("the argument '\(name)' is given twice")
        }
        result.keywords.append((name, try expression()))
      } else if result.keywords.isEmpty, result.spread == nil, result.keywordSpread == nil {
        result.positional.append(try expression())
      } else {
        throw failure("an argument without a name must stand before those with one")
      }
    }
    return result
  }
}
