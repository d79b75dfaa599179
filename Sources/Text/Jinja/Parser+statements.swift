import JSON

extension Jinja.Parser {
  typealias Statement = Jinja.Statement

  /// Statements up to a block of one of the names, at whose name the parser stops; without names, the whole template.
  mutating func statements(until ends: [String]) throws -> [Statement] {
    let opening = current.line
    var result: [Statement] = []
    while true {
      let line = current.line
      switch current.kind {
      case .data(let text):
        advance()
        result.append(Statement(kind: .text(text), line: line))
      case .variableBegin:
        advance()
        result.append(Statement(kind: .output(try tuple()), line: line))
        try expect(.variableEnd)
      case .blockBegin:
        advance()
        guard case .name(let name) = current.kind else { throw failure("expected a statement, got \(current.text)") }
        if ends.contains(name) { return result }
        result.append(Statement(kind: try nested { try $0.statement(name, opening: ends) }, line: line))
        try expect(.blockEnd)
      case .end where ends.isEmpty:
        return result
      default:
        let wanted = ends.map { "'\($0)'" }.joined(separator: " or ")
        throw failure("expected \(wanted), which the block of line \(opening) lacks, got \(current.text)")
      }
    }
  }

  /// The body of a block up to its end, whose name is passed over.
  mutating func body(until end: String) throws -> [Statement] {
    _ = skip(symbol: ":")
    try expect(.blockEnd)
    let result = try statements(until: [end])
    advance()
    return result
  }

  private mutating func statement(_ name: String, opening ends: [String]) throws -> Statement.Kind {
    switch name {
    case "for": return try forLoop()
    case "if": return try conditional()
    case "set": return try set()
    case "macro": return try macro()
    case "call": return try callBlock()
    case "filter": return try filterBlock()
    case "with": return try with()
    case "generation":
      advance()
      marksGenerations = true
      return .generation(try outsideLoops { try $0.body(until: "endgeneration") })
    case "do":
      advance()
      return .evaluate(try tuple())
    case "break", "continue":
      guard loops > 0 else { throw failure("'\(name)' outside of a loop") }
      advance()
      return name == "break" ? .leaveLoop : .nextIteration
    default:
      let wanted = ends.isEmpty ? "" : "; expected " + ends.map { "'\($0)'" }.joined(separator: " or ")
      throw failure("unknown statement '\(name)'\(wanted)")
    }
  }

  private mutating func forLoop() throws -> Statement.Kind {
    advance()
    let target = try self.target(allowsNamespaces: false, end: "in")
    guard !target.names.contains("loop") else { throw failure("the variable 'loop' cannot be assigned") }
    try expect(name: "in")
    let items = try tuple(withConditional: false, end: "recursive")
    let filter = skip(name: "if") ? try expression() : nil
    let isRecursive = skip(name: "recursive")
    _ = skip(symbol: ":")
    try expect(.blockEnd)
    loops += 1
    let body = try statements(until: ["endfor", "else"])
    loops -= 1
    let otherwise: [Statement]
    if skip(name: "else") {
      let parse: (inout Self) throws -> [Statement] = { try $0.body(until: "endfor") }
      otherwise = try isRecursive ? outsideLoops(parse) : parse(&self)
    } else {
      advance()
      otherwise = []
    }
    return .loop(
      Jinja.ForLoop(
        target: target, items: items, filter: filter, isRecursive: isRecursive, body: body, otherwise: otherwise))
  }

  private mutating func conditional() throws -> Statement.Kind {
    conditions += 1
    defer { conditions -= 1 }
    var branches: [(test: Jinja.Expression, body: [Statement])] = []
    while true {
      advance()
      let test = try tuple(withConditional: false)
      _ = skip(symbol: ":")
      try expect(.blockEnd)
      branches.append((test, try statements(until: ["elif", "else", "endif"])))
      if isName("elif") { continue }
      if skip(name: "else") { return .conditional(branches, otherwise: try body(until: "endif")) }
      advance()
      return .conditional(branches, otherwise: [])
    }
  }

  private mutating func set() throws -> Statement.Kind {
    advance()
    let target = try self.target(allowsNamespaces: true)
    if loops > 0, target.names.contains("loop") { throw failure("the variable 'loop' cannot be assigned") }
    if skip(symbol: "=") { return .set(target, try tuple()) }
    let filter = try filters(onto: Jinja.Expression(.captured))
    return .capture(target, filter, body: try body(until: "endset"))
  }

  private mutating func filterBlock() throws -> Statement.Kind {
    advance()
    let filter = try filters(onto: Jinja.Expression(.captured), firstWithoutPipe: true)
    return .filter(filter, body: try body(until: "endfilter"))
  }

  private mutating func macro() throws -> Statement.Kind {
    advance()
    let name = try self.name()
    return .macro(try macro(named: name, parameters: try parameters(), end: "endmacro"))
  }

  private mutating func callBlock() throws -> Statement.Kind {
    advance()
    let parameters = isSymbol("(") ? try self.parameters() : []
    guard case .call(let callee, let arguments) = try expression().kind else {
      throw failure("'call' needs the call of a macro")
    }
    return .callBlock(callee, arguments, try macro(named: "caller", parameters: parameters, end: "endcall"))
  }

  private mutating func macro(
    named name: String, parameters: [(name: String, standard: Jinja.Expression?)], end: String
  ) throws -> Jinja.Macro {
    let outer = implicit
    implicit = []
    let body = try outsideLoops { try $0.body(until: end) }
    defer { implicit.formUnion(outer) }
    return Jinja.Macro(
      name: name, parameters: parameters, body: body, implicit: implicit.subtracting(Set(texts: parameters.map(\.name)))
    )
  }

  private mutating func parameters() throws -> [(name: String, standard: Jinja.Expression?)] {
    try expect(symbol: "(")
    var result: [(name: String, standard: Jinja.Expression?)] = []
    while !isSymbol(")") {
      if !result.isEmpty { try expect(symbol: ",") }
      let name = try self.name()
      let standard = skip(symbol: "=") ? try expression() : nil
      if standard == nil, let last = result.last, last.standard != nil {
        throw failure("the parameter '\(name)' needs a default, as those before it have one")
      }
      result.append((name, standard))
    }
    advance()
    return result
  }

  private mutating func with() throws -> Statement.Kind {
    advance()
    var assignments: [(target: Jinja.Target, value: Jinja.Expression)] = []
    while current.kind != .blockEnd {
      if !assignments.isEmpty { try expect(symbol: ",") }
      let target = try self.target(allowsNamespaces: false)
      try expect(symbol: "=")
      assignments.append((target, try expression()))
    }
    return .with(assignments, body: try body(until: "endwith"))
  }

  /// Bodies that run as functions of their own: a `break` in them would belong to no loop.
  private mutating func outsideLoops<Result>(_ parse: (inout Self) throws -> Result) rethrows -> Result {
    let outer = loops
    loops = 0
    defer { loops = outer }
    return try parse(&self)
  }

  /// Names, tuples of names and, where allowed, attributes of namespaces.
  private mutating func target(allowsNamespaces: Bool, end: String? = nil) throws -> Jinja.Target {
    var targets: [Jinja.Target] = []
    var isTuple = false
    while true {
      if let end, isName(end) { break }
      if isTuple, isSymbol("=") || isSymbol(")") || current.kind == .blockEnd { break }
      targets.append(try singleTarget(allowsNamespaces: allowsNamespaces))
      guard skip(symbol: ",") else { break }
      isTuple = true
    }
    guard let first = targets.first else { throw failure("expected a variable, got \(current.text)") }
    return isTuple ? .tuple(targets) : first
  }

  private mutating func singleTarget(allowsNamespaces: Bool) throws -> Jinja.Target {
    if skip(symbol: "(") {
      let target = try nested { try $0.target(allowsNamespaces: allowsNamespaces) }
      try expect(symbol: ")")
      return target
    }
    let name = try self.name()
    guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
      throw failure("'\(name)' cannot be assigned")
    }
    if allowsNamespaces, skip(symbol: ".") { return .attribute(name, try self.name()) }
    return .name(name)
  }
}

extension Jinja.Target {
  /// The variables that are assigned.
  fileprivate var names: [String] {
    switch self {
    case .name(let name): [name]
    case .attribute: []
    case .tuple(let targets): targets.flatMap(\.names)
    }
  }
}
