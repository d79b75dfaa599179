import JSON
import OrderedCollections

extension Jinja.Interpreter {
  typealias Expression = Jinja.Expression

  func evaluate(_ expression: Expression) throws -> Value {
    try nested { try check(try value(of: expression.kind)) }
  }

  private func value(of expression: Expression.Kind) throws -> Value {
    switch expression {
    case .none: .none
    case .bool(let value): .bool(value)
    case .integer(let value): .int(value)
    case .float(let value): .float(value)
    case .string(let text): .string(text)
    case .captured: .string(captured)
    case .name(let name): scope.find(name) ?? .undefined("'\(name)' is undefined")
    case .list(let elements): .list(try elements.map(evaluate))
    case .tuple(let elements): .tuple(try elements.map(evaluate))
    case .dictionary(let items): try dictionary(items)
    case .attribute(let base, let name): try attribute(name, of: evaluate(base))
    case .item(let base, let key): try item(evaluate(key), of: evaluate(base))
    case .slice(let base, let start, let stop, let step):
      try slice(evaluate(base), try bound(start), try bound(stop), try bound(step))
    case .call(let callee, let arguments): try call(evaluate(callee), evaluate(arguments, of: callee))
    case .filter(let base, let name, let arguments):
      try filter(evaluate(base), name, evaluate(arguments, callee: "the filter '\(name)'"))
    case .test(let base, let name, let arguments):
      .bool(try test(evaluate(base), name, evaluate(arguments, callee: "the test '\(name)'")))
    case .not(let operand): .bool(!(try evaluate(operand).isTrue))
    case .negative(let operand): try negated(evaluate(operand))
    case .positive(let operand): try arithmetic("+", .int(0), number(evaluate(operand)))
    case .and(let left, let right): try conjunction(left, right)
    case .or(let left, let right): try disjunction(left, right)
    case .arithmetic(let symbol, let left, let right): try arithmetic(symbol, evaluate(left), evaluate(right))
    case .concatenation(let parts): try concatenation(parts)
    case .comparison(let first, let rest): .bool(try comparison(first, rest))
    case .conditional(let test, let then, let otherwise): try conditional(test, then, otherwise)
    }
  }

  private func conjunction(_ left: Expression, _ right: Expression) throws -> Value {
    let value = try evaluate(left)
    return value.isTrue ? try evaluate(right) : value
  }

  private func disjunction(_ left: Expression, _ right: Expression) throws -> Value {
    let value = try evaluate(left)
    return value.isTrue ? value : try evaluate(right)
  }

  private func conditional(_ test: Expression, _ then: Expression, _ otherwise: Expression?) throws -> Value {
    if try evaluate(test).isTrue { return try evaluate(then) }
    guard let otherwise else {
      return .undefined("the inline if-expression evaluated to false and no else section was defined.")
    }
    return try evaluate(otherwise)
  }

  private func dictionary(_ items: [(key: Expression, value: Expression)]) throws -> Value {
    var result = OrderedDictionary<Value, Value>()
    for item in items {
      let key = try hashable(evaluate(item.key))
      result[key] = try evaluate(item.value)
    }
    return .dictionary(Jinja.Dictionary(result))
  }

  private func concatenation(_ parts: [Expression]) throws -> Value {
    var result = ""
    for part in parts {
      let text = try text(of: evaluate(part))
      try reserve(text.utf8.count)
      result += text
    }
    return .string(result)
  }

  private func comparison(
    _ first: Expression, _ rest: [(symbol: String, operand: Expression)]
  ) throws -> Bool {
    var left = try evaluate(first)
    for (symbol, operand) in rest {
      let right = try evaluate(operand)
      guard try compare(left, symbol, right) else { return false }
      left = right
    }
    return true
  }

  /// A slice's bound; nil where it is left out or none.
  private func bound(_ expression: Expression?) throws -> Value? {
    guard let expression else { return nil }
    let value = try evaluate(expression)
    return value.isNone ? nil : value
  }

  // MARK: Calls

  func evaluate(_ arguments: Jinja.Arguments, of callee: Expression) throws -> Jinja.CallArguments {
    switch callee.kind {
    case .name(let name), .attribute(_, let name): try evaluate(arguments, callee: "'\(name)'")
    default: try evaluate(arguments, callee: "the function")
    }
  }

  private func evaluate(_ arguments: Jinja.Arguments, callee: String) throws -> Jinja.CallArguments {
    var result = Jinja.CallArguments(callee: callee)
    result.positional = try arguments.positional.map(evaluate)
    for keyword in arguments.keywords { result.keywords.append((keyword.name, try evaluate(keyword.value))) }
    if let spread = arguments.spread { result.positional += try elements(of: evaluate(spread)) }
    if let spread = arguments.keywordSpread {
      guard case .dictionary(let dictionary) = try evaluate(spread) else {
        throw Failure("what stands after '**' must be a mapping")
      }
      for (key, value) in dictionary.items {
        guard let name = key.string else { throw Failure("names of arguments must be strings") }
        guard !result.keywords.contains(where: { $0.name == name }) else {
          throw Failure("the argument \(Jinja.PythonText.quoted(name)) is given twice")
        }
        result.keywords.append((name, value))
      }
    }
    return result
  }

  func call(_ callee: Value, _ arguments: Jinja.CallArguments) throws -> Value {
    switch callee {
    case .function(let function):
      try spendOnSurface(arguments)
      return try function.call(self, arguments)
    case .loop(let loop):
      guard let recurse = loop.recurse else {
        throw Failure("the loop must have the 'recursive' marker to be called recursively")
      }
      return try nested { try recurse(self, arguments) }
    case .undefined(let reason): throw Failure(reason)
    default: throw Failure("'\(callee.typeName)' object is not callable")
    }
  }

  func filter(_ value: Value, _ name: String, _ arguments: Jinja.CallArguments) throws -> Value {
    guard let filter = Jinja.Filters.table[name] else { throw Failure("there is no filter '\(name)'") }
    try spend(surface(value))
    try spendOnSurface(arguments)
    var arguments = arguments
    var result = try filter(self, value, &arguments)
    if case .markup = value, Jinja.Filters.keepingMarkup.contains(name) { result = result.asMarkup }
    try spend(surface(result))
    return try check(result)
  }

  func test(_ value: Value, _ name: String, _ arguments: Jinja.CallArguments) throws -> Bool {
    guard let test = Jinja.Tests.table[name] else { throw Failure("there is no test '\(name)'") }
    try spend(Jinja.Limit.step)
    var arguments = arguments
    return try test(self, value, &arguments)
  }

  private func spendOnSurface(_ arguments: Jinja.CallArguments) throws {
    for value in arguments.positional { try spend(surface(value)) }
    for keyword in arguments.keywords { try spend(surface(keyword.value)) }
  }

  /// The cost of going once over a text or over the elements of a list, not into them.
  private func surface(_ value: Value) -> Int {
    switch value {
    case .string(let text), .markup(let text): text.utf8.count
    case .list(let elements), .tuple(let elements), .view(_, let elements): elements.values.count * 16
    case .dictionary(let dictionary): dictionary.items.count * 32
    default: 1
    }
  }
}
