import JSON

extension Jinja {
  /// Builds the syntax tree of a template, by recursive descent, with jinja2's grammar.
  struct Parser {
    let tokens: [Token]
    var index = 0
    /// Brackets, operators and blocks that the parser is inside of.
    var depth = 0
    /// Loops around the place, within the same macro.
    var loops = 0
    /// `if`s around the place, where an unknown filter is an error only when it is reached.
    var conditions = 0
    /// Unknown filters and tests elsewhere.
    var unknown: [Failure] = []
    /// Whether there was a generation block.
    var marksGenerations = false
    /// `caller`, `varargs` and `kwargs`, as far as the macro at hand reads them.
    var implicit: Set<TextKey> = []

    /// The statements of a template's source, and whether a generation block is among them.
    static func parse(_ source: String) throws -> (statements: [Statement], marksGenerations: Bool) {
      var lexer = try Lexer(source)
      var parser = Parser(tokens: try lexer.tokenize())
      let statements = try parser.statements(until: [])
      if let failure = parser.unknown.first { throw failure }
      return (statements, parser.marksGenerations)
    }

    init(tokens: [Token]) { self.tokens = tokens }

    var current: Token { tokens[index] }
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    func failure(_ reason: String, line: Int? = nil) -> Failure { Failure(reason, line: line ?? current.line) }

    func isName(_ name: String) -> Bool { current.kind == .name(name) }
    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

    mutating func skip(name: String) -> Bool {
      guard isName(name) else { return false }
      advance()
      return true
    }

    mutating func skip(symbol: String) -> Bool {
      guard isSymbol(symbol) else { return false }
      advance()
      return true
    }

    mutating func expect(symbol: String) throws {
      guard skip(symbol: symbol) else { throw failure("expected '\(symbol)', got \(current.text)") }
    }

    mutating func expect(name: String) throws {
      guard skip(name: name) else { throw failure("expected '\(name)', got \(current.text)") }
    }

    mutating func expect(_ kind: Token.Kind) throws {
      guard current.kind == kind else {
        throw failure("expected \(Token(kind: kind, line: 0).text), got \(current.text)")
      }
      advance()
    }

    mutating func name() throws -> String {
      guard case .name(let name) = current.kind else { throw failure("expected a name, got \(current.text)") }
      advance()
      return name
    }

    /// Runs `body` one level deeper.
    mutating func nested<Result>(_ body: (inout Parser) throws -> Result) throws -> Result {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Limit.nesting else { throw failure("nested more than \(Limit.nesting) deep") }
      return try body(&self)
    }

    /// The expression, unless its tree has grown too high, which long chains do without nesting.
    func expression(_ kind: Expression.Kind) throws -> Expression {
      let expression = Expression(kind)
      guard expression.depth <= Limit.syntaxDepth else {
        throw failure("an expression has more than \(Limit.syntaxDepth) operators in a row")
      }
      return expression
    }
  }
}
