import JSON

extension Jinja.Value: Hashable {
  /// Python's `==`: `1`, `1.0` and `True` are equal; a list and a tuple never are.
  static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): return a.values == b.values
    case (.view(let nameA, let a), .view(let nameB, let b)): return nameA == nameB && a.values == b.values
    case (.dictionary(let a), .dictionary(let b)):
      return a.items.count == b.items.count && a.items.allSatisfy { b.items[$0.key] == $0.value }
    case (.range(let a), .range(let b)):
      return a.count == b.count && (a.count == 0 || a.start == b.start && (a.count == 1 || a.step == b.step))
    case (.iterator(let a), .iterator(let b)): return a === b
    case (.namespace(let a), .namespace(let b)): return a === b
    case (.loop(let a), .loop(let b)): return a === b
    case (.function(let a), .function(let b)): return a === b
    case (.float(let a), .float(let b)): return a == b
    case (.float(let a), _): return b.integer.map { Int(exactly: a) == $0 } ?? false
    case (_, .float(let b)): return a.integer.map { Int(exactly: b) == $0 } ?? false
    default:
      if let a = a.string, let b = b.string { return Jinja.PythonText.areEqual(a, b) }
      if let a = a.integer, let b = b.integer { return a == b }
      return false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .string(let text), .markup(let text): for byte in text.utf8 { hasher.combine(byte) }
    case .tuple(let elements): hasher.combine(elements.values)
    case .float(let value):
      if let integer = Int(exactly: value) { hasher.combine(integer) } else { hasher.combine(value) }
    case .int(let value): hasher.combine(value)
    case .bool(let value): hasher.combine(value ? 1 : 0)
    // Other values are rarely keys; their kind tells them apart well enough.
    default: hasher.combine(typeName)
    }
  }

  /// Whether Python could use the value as a key.
  var isHashable: Bool {
    switch self {
    case .list, .dictionary, .view: false
    case .tuple(let elements): elements.values.allSatisfy(\.isHashable)
    default: true
    }
  }

  /// Python's `<`.
  func isLess(than other: Self) throws -> Bool {
    switch (self, other) {
    case (.undefined(let reason), _), (_, .undefined(let reason)): throw Jinja.Failure(reason)
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
      for (a, b) in zip(a.values, b.values) where a != b { return try a.isLess(than: b) }
      return a.values.count < b.values.count
    default:
      if let a = string, let b = other.string { return Jinja.PythonText.isLess(a, b) }
      if let a = integer, let b = other.integer { return a < b }
      if let a = number, let b = other.number { return a < b }
      throw Jinja.Failure("'<' not supported between '\(typeName)' and '\(other.typeName)'")
    }
  }
}
