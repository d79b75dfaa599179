import JSON

extension Jinja.Interpreter {
  typealias Value = Jinja.Value
  typealias Statement = Jinja.Statement
  typealias Failure = Jinja.Failure

  func run(_ statements: [Statement]) throws -> Flow {
    for statement in statements {
      line = statement.line
      let flow = try nested { try run(statement.kind) }
      if flow != .onward { return flow }
    }
    return .onward
  }

  private func run(_ statement: Statement.Kind) throws -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression): try write(try text(of: evaluate(expression)))
    case .loop(let loop): return try run(loop)
    case .conditional(let branches, let otherwise):
      for branch in branches where try evaluate(branch.test).isTrue { return try run(branch.body) }
      return try run(otherwise)
    case .set(let target, let expression): try assign(evaluate(expression), to: target)
    case .capture(let target, let filter, let body):
      return try run(body, through: filter) { try assign($0, to: target) }
    case .filter(let filter, let body): return try run(body, through: filter) { try write(text(of: $0)) }
    case .macro(let macro): scope.variables[macro.name] = .function(function(macro))
    case .callBlock(let callee, let arguments, let body):
      let caller = Value.function(function(body))
      var given = try evaluate(arguments, of: callee)
      given.keywords.append(("caller", caller))
      try write(try text(of: call(evaluate(callee), given)))
    case .with(let assignments, let body):
      let values = try assignments.map { try evaluate($0.value) }
      return try inScope {
        for (assignment, value) in zip(assignments, values) { try assign(value, to: assignment.target) }
        return try run(body)
      }
    case .generation(let body): try run(generation: body)
    case .evaluate(let expression): _ = try evaluate(expression)
    case .leaveLoop: return .leaveLoop
    case .nextIteration: return .nextIteration
    }
    return .onward
  }

  /// Gives the text of a body, run through filters, to `use`. A body that leaves its loop loses its text, as in jinja2.
  private func run(
    _ body: [Statement], through filter: Jinja.Expression, _ use: (Value) throws -> Void
  ) throws -> Flow {
    let line = line
    var flow = Flow.onward
    let text = try inScope { try capture { flow = try run(body) } }
    self.line = line
    guard flow == .onward else { return flow }
    captured = text
    try use(evaluate(filter))
    return .onward
  }

  private func run(_ statement: Jinja.ForLoop) throws -> Flow {
    let items = try elements(of: evaluate(statement.items))
    if statement.isRecursive {
      // jinja2 prints the loop as a whole, which generation blocks in it notice.
      try write(capture { _ = try run(statement, over: items, level: 0) })
      return .onward
    }
    return try run(statement, over: items, level: 0)
  }

  private func run(_ statement: Jinja.ForLoop, over items: [Value], level: Int) throws -> Flow {
    let outer = scope
    let line = line
    var filter: ((Value) throws -> Bool)?
    if let test = statement.filter {
      filter = { [self] item in
        try spend(Jinja.Limit.step)
        return try inScope(of: outer) {
          try assign(item, to: statement.target)
          return try evaluate(test).isTrue
        }
      }
    }
    let loop = Jinja.Loop(items, level: level, filter: filter)
    defer { loop.finish() }
    var value = Value.loop(loop)
    if statement.isRecursive { value = recursive(loop, statement, in: outer) }
    // As in jinja2 an iteration that ends by `continue` or `break` does not keep `else` from running.
    var hasCompleted = false
    while let item = try loop.next() {
      try spend(Jinja.Limit.step)
      let flow = try inScope {
        try assign(item, to: statement.target)
        scope.variables["loop"] = value
        return try run(statement.body)
      }
      if flow == .leaveLoop { break }
      if flow == .onward { hasCompleted = true }
      self.line = line
    }
    defer { self.line = line }
    // The `else` is outside of the loop: what it leaves is the loop around.
    return hasCompleted ? .onward : try inScope { try run(statement.otherwise) }
  }

  /// The `loop` of a recursive loop: calling it runs the body over other items.
  private func recursive(_ loop: Jinja.Loop, _ statement: Jinja.ForLoop, in outer: Jinja.Scope) -> Value {
    loop.recurse = { interpreter, arguments in
      var arguments = arguments
      let items = try interpreter.elements(of: arguments.required("iterable"))
      try arguments.end()
      let before = interpreter.scope
      interpreter.scope = outer
      defer { interpreter.scope = before }
      return .string(
        try interpreter.capture { _ = try interpreter.run(statement, over: items, level: loop.level + 1) })
    }
    return .loop(loop)
  }

  func assign(_ value: Value, to target: Jinja.Target) throws {
    switch target {
    case .name(let name): scope.variables[name] = value
    case .attribute(let name, let attribute):
      guard case .namespace(let namespace) = scope.find(name) ?? .none else {
        throw Failure("only attributes of a namespace can be set, and '\(name)' is none")
      }
      guard !attribute.hasPrefix("_") else {
        throw Failure("attributes of a namespace may not begin with '_', as '\(attribute)' does")
      }
      namespace.attributes[attribute] = value
    case .tuple(let targets):
      let values = try elements(of: value)
      guard values.count == targets.count else {
        throw Failure("\(values.count) values cannot be assigned to \(targets.count) variables")
      }
      for (target, value) in zip(targets, values) { try assign(value, to: target) }
    }
  }

  /// A macro as a value that can be called, in the scope where it stands.
  private func function(_ macro: Jinja.Macro) -> Jinja.Function {
    let home = scope
    keep(home)
    return Jinja.Function(macro.name) { interpreter, arguments in
      try interpreter.nested {
        let line = interpreter.line
        defer { interpreter.line = line }
        return try interpreter.inScope(of: home) {
          try interpreter.bind(arguments, to: macro)
          return .string(try interpreter.capture { _ = try interpreter.run(macro.body) })
        }
      }
    }
  }

  private func bind(_ arguments: Jinja.CallArguments, to macro: Jinja.Macro) throws {
    var arguments = arguments
    arguments.callee = "the macro '\(macro.name)'"
    var missing: [(name: String, standard: Jinja.Expression?)] = []
    for parameter in macro.parameters {
      if let value = arguments.optional(parameter.name) {
        scope.variables[parameter.name] = value
      } else {
        scope.variables[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
        missing.append(parameter)
      }
    }
    if macro.implicit.contains("caller") {
      scope.variables["caller"] = arguments.keyword("caller") ?? .undefined("No caller defined")
    }
    if macro.implicit.contains("kwargs") {
      scope.variables["kwargs"] = .dictionary(
        Jinja.Dictionary(.init(arguments.keywords.map { (.string($0.name), $0.value) }, uniquingKeysWith: { $1 })))
      arguments.keywords = []
    }
    if macro.implicit.contains("varargs") {
      scope.variables["varargs"] = .tuple(arguments.positional)
      arguments.positional = []
    }
    try arguments.end()
    // Defaults may use the parameters before them.
    for parameter in missing {
      if let standard = parameter.standard { scope.variables[parameter.name] = try evaluate(standard) }
    }
  }
}
