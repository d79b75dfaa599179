import JSON

extension Jinja.Parser {
  typealias Expression = Jinja.Expression

  /// One expression, or several with commas between, which make a tuple.
  mutating func tuple(
    withConditional: Bool = true, end: String? = nil, inParentheses: Bool = false
  ) throws -> Expression {
    var elements: [Expression] = []
    var isTuple = false
    while true {
      let isEnd = [.variableEnd, .blockEnd, .symbol(")")].contains(current.kind) || end.map(isName) == true
      if isEnd { break }
      elements.append(try expression(withConditional: withConditional))
      guard skip(symbol: ",") else { break }
      isTuple = true
    }
    if !isTuple, let only = elements.first { return only }
    guard isTuple || inParentheses else { throw failure("expected an expression, got \(current.text)") }
    return try expression(.tuple(elements))
  }

  mutating func expression(withConditional: Bool = true) throws -> Expression {
    try nested { parser in
      let unknown = parser.unknown.count
      var result = try parser.binary(0)
      while withConditional, parser.skip(name: "if") {
        parser.unknown.removeSubrange(unknown...)
        parser.conditions += 1
        defer { parser.conditions -= 1 }
        let test = try parser.binary(0)
        let otherwise = parser.skip(name: "else") ? try parser.expression() : nil
        result = try parser.expression(.conditional(test: test, then: result, otherwise: otherwise))
      }
      return result
    }
  }

  /// Operators by how loosely they bind: `or`, `and`, `not`, comparisons, sums, `~`, products, powers.
  private mutating func binary(_ level: Int) throws -> Expression {
    switch level {
    case 2 where isName("not"):
      advance()
      return try expression(.not(try nested { try $0.binary(2) }))
    case 2: return try comparison()
    case 4: return try concatenation()
    case 7: return try unary()
    default: break
    }
    var left = try binary(level + 1)
    while let make = operation(level) {
      advance()
      left = try expression(make(left, try binary(level + 1)))
    }
    return left
  }

  private func operation(_ level: Int) -> ((Expression, Expression) -> Expression.Kind)? {
    switch (level, current.kind) {
    case (0, .name("or")): { .or($0, $1) }
    case (1, .name("and")): { .and($0, $1) }
    case (3, .symbol(let symbol)) where symbol == "+" || symbol == "-": { .arithmetic(symbol, $0, $1) }
    case (5, .symbol(let symbol)) where ["*", "/", "//", "%"].contains(symbol): { .arithmetic(symbol, $0, $1) }
    case (6, .symbol("**")): { .arithmetic("**", $0, $1) }
    default: nil
    }
  }

  private mutating func concatenation() throws -> Expression {
    var parts = [try binary(5)]
    while skip(symbol: "~") { parts.append(try binary(5)) }
    return parts.count == 1 ? parts[0] : try expression(.concatenation(parts))
  }

  private mutating func comparison() throws -> Expression {
    let first = try binary(3)
    var rest: [(symbol: String, operand: Expression)] = []
    while true {
      if case .symbol(let symbol) = current.kind, ["==", "!=", "<", "<=", ">", ">="].contains(symbol) {
        advance()
        rest.append((symbol, try binary(3)))
      } else if skip(name: "in") {
        rest.append(("in", try binary(3)))
      } else if isName("not"), following.kind == .name("in") {
        advance()
        advance()
        rest.append(("not in", try binary(3)))
      } else {
        return rest.isEmpty ? first : try expression(.comparison(first, rest))
      }
    }
  }

  private mutating func unary(withFilters: Bool = true) throws -> Expression {
    var result: Expression
    if isSymbol("-") || isSymbol("+") {
      let isNegative = isSymbol("-")
      advance()
      let operand = try nested { try $0.unary(withFilters: false) }
      result = try expression(isNegative ? .negative(operand) : .positive(operand))
    } else {
      result = try primary()
    }
    result = try postfix(result)
    guard withFilters else { return result }
    while true {
      if isSymbol("|") {
        result = try filters(onto: result)
      } else if isName("is") {
        result = try test(of: result)
      } else if isSymbol("(") {
        result = try expression(.call(result, try arguments()))
      } else {
        return result
      }
    }
  }

  /// `|filter(…)|filter`
  mutating func filters(onto base: Expression, firstWithoutPipe: Bool = false) throws -> Expression {
    var result = base
    var isNext = firstWithoutPipe
    while isNext || skip(symbol: "|") {
      isNext = false
      let line = current.line
      let name = try dottedName()
      if conditions == 0, Jinja.Filters.table[name] == nil {
        unknown.append(failure("there is no filter '\(name)'", line: line))
      }
      let arguments = isSymbol("(") ? try self.arguments() : Jinja.Arguments()
      result = try expression(.filter(result, name, arguments))
    }
    return result
  }

  private mutating func dottedName() throws -> String {
    var name = try self.name()
    while skip(symbol: ".") { name += "." + (try self.name()) }
    return name
  }

  /// `is not test(…)`; a single argument may also follow without parentheses.
  private mutating func test(of base: Expression) throws -> Expression {
    advance()
    let isNegated = skip(name: "not")
    let line = current.line
    let name = try dottedName()
    if conditions == 0, Jinja.Tests.table[name] == nil {
      unknown.append(failure("there is no test '\(name)'", line: line))
    }
    var arguments = Jinja.Arguments()
    switch current.kind {
    case .symbol("("): arguments = try self.arguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw failure("tests cannot be chained with 'is'")
    case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
      arguments.positional = [try postfix(try primary())]
    default: break
    }
    let result = try expression(.test(base, name, arguments))
    return isNegated ? try expression(.not(result)) : result
  }
}
