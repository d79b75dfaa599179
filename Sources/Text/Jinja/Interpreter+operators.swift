import Foundation
import JSON

extension Jinja.Interpreter {
  func text(of value: Value) throws -> String {
    if value.string == nil { try reserve(value.weight) }
    return value.text
  }

  func number(_ value: Value) throws -> Value {
    if case .undefined(let reason) = value { throw Failure(reason) }
    guard value.number != nil else { throw Failure("'\(value.typeName)' is not a number") }
    return value
  }

  func negated(_ value: Value) throws -> Value {
    switch try number(value) {
    case .float(let value): return .float(-value)
    default: return .int(try Jinja.PythonNumber.checked(0.subtractingReportingOverflow(value.integer ?? 0)))
    }
  }

  func arithmetic(_ symbol: String, _ left: Value, _ right: Value) throws -> Value {
    for case .undefined(let reason) in [left, right] { throw Failure(reason) }
    if case .string(let format) = left, symbol == "%" { return .string(try percentFormat(format, right)) }
    if let markup = try markup(symbol, left, right) { return markup }
    if let a = left.integer, let b = right.integer { return try integers(symbol, a, b) }
    if let a = left.number, let b = right.number { return .float(try floats(symbol, a, b)) }
    switch (symbol, left, right) {
    case ("+", .string(let a), .string(let b)):
      try reserve(a.utf8.count + b.utf8.count)
      return .string(a + b)
    case ("+", .list(let a), .list(let b)):
      try reserve(16 * (a.values.count + b.values.count))
      return .list(a.values + b.values)
    case ("+", .tuple(let a), .tuple(let b)):
      try reserve(16 * (a.values.count + b.values.count))
      return .tuple(a.values + b.values)
    case ("*", .string, _), ("*", .list, _), ("*", .tuple, _):
      if let count = right.integer { return try repeated(left, count) }
    case ("*", _, .string), ("*", _, .list), ("*", _, .tuple):
      if let count = left.integer { return try repeated(right, count) }
    default: break
    }
    throw Failure("unsupported operand types for \(symbol): '\(left.typeName)' and '\(right.typeName)'")
  }

  private func integers(_ symbol: String, _ a: Int, _ b: Int) throws -> Value {
    typealias Number = Jinja.PythonNumber
    switch symbol {
    case "+": return .int(try Number.checked(a.addingReportingOverflow(b)))
    case "-": return .int(try Number.checked(a.subtractingReportingOverflow(b)))
    case "*": return .int(try Number.checked(a.multipliedReportingOverflow(by: b)))
    case "/":
      guard b != 0 else { throw Failure("division by zero") }
      return .float(Double(a) / Double(b))
    case "//": return .int(try Number.floorDivide(a, b))
    case "%": return .int(try Number.modulo(a, b))
    default: return b < 0 ? .float(try floats("**", Double(a), Double(b))) : .int(try Number.power(a, b))
    }
  }

  private func floats(_ symbol: String, _ a: Double, _ b: Double) throws -> Double {
    switch symbol {
    case "+": return a + b
    case "-": return a - b
    case "*": return a * b
    case "/":
      guard b != 0 else { throw Failure("float division by zero") }
      return a / b
    case "//": return try Jinja.PythonNumber.floorDivide(a, b)
    case "%": return try Jinja.PythonNumber.modulo(a, b)
    default:
      guard a != 0 || b >= 0 else { throw Failure("0.0 cannot be raised to a negative power") }
      guard a >= 0 || b == b.rounded() else { throw Failure("complex numbers are not supported") }
      let result = pow(a, b)
      guard result.isFinite || !a.isFinite || !b.isFinite else { throw Failure("a number is too large") }
      return result
    }
  }

  private func repeated(_ value: Value, _ count: Int) throws -> Value {
    try reserve(value.weight, times: count)
    let count = max(count, 0)
    switch value {
    case .string(let text): return .string(String(repeating: text, count: count))
    case .list(let elements): return .list(Array(repeatElement(elements.values, count: count).joined()))
    case .tuple(let elements): return .tuple(Array(repeatElement(elements.values, count: count).joined()))
    default: return value
    }
  }

  func compare(_ left: Value, _ symbol: String, _ right: Value) throws -> Bool {
    switch symbol {
    case "in": return try contains(right, left)
    case "not in": return !(try contains(right, left))
    default: break
    }
    try spend(min(left.weight, right.weight))
    switch symbol {
    case "==": return left == right
    case "!=": return left != right
    case "<": return try left.isLess(than: right)
    case ">": return try right.isLess(than: left)
    case "<=": return try left == right || left.isLess(than: right)
    default: return try left == right || right.isLess(than: left)
    }
  }

  /// `item in container`
  func contains(_ container: Value, _ item: Value) throws -> Bool {
    switch container {
    case .string(let text), .markup(let text):
      guard let part = item.string else {
        throw Failure("'in' on a string needs a string on its left side, not '\(item.typeName)'")
      }
      try spend(text.utf8.count * Jinja.Limit.search)
      return Jinja.PythonText.contains(text, part)
    case .dictionary(let dictionary): return dictionary.items[try hashable(item)] != nil
    default:
      let elements = try elements(of: container)
      try spend(elements.reduce(0) { Jinja.Limit.sum($0, min($1.weight, item.weight)) })
      return elements.contains(item)
    }
  }

  /// The value, if it can be a key.
  func hashable(_ value: Value) throws -> Value {
    guard value.isHashable else { throw Failure("unhashable type: '\(value.typeName)'") }
    try spend(value.weight)
    return value
  }
}
