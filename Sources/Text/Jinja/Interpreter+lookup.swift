import JSON

extension Jinja.Interpreter {
  /// The values that a `for` loop over the value sees.
  func elements(of value: Value) throws -> [Value] {
    switch value {
    case .undefined: return []
    case .string(let text), .markup(let text):
      try reserve(text.utf8.count, times: 16)
      return text.unicodeScalars.map { .string(String($0)) }
    case .list(let elements), .tuple(let elements), .view(_, let elements): return elements.values
    case .dictionary(let dictionary): return Array(dictionary.items.keys)
    case .range(let range):
      try reserve(range.count * 16)
      return range.values
    case .iterator(let iterator): return try nested { try iterator.drain() }
    default: throw Failure("'\(value.typeName)' object is not iterable")
    }
  }

  /// `len(value)`
  func length(of value: Value) throws -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text), .markup(let text):
      try spend(text.utf8.count / 16)
      return text.unicodeScalars.count
    case .list(let elements), .tuple(let elements), .view(_, let elements): return elements.values.count
    case .dictionary(let dictionary): return dictionary.items.count
    case .range(let range): return range.count
    case .loop(let loop): return try loop.length()
    default: throw Failure("object of type '\(value.typeName)' has no length")
    }
  }

  /// `base.name`: a method or other attribute, else the item of that name.
  func attribute(_ name: String, of base: Value) throws -> Value {
    if let value = try ownAttribute(name, of: base) { return value }
    return try ownItem(.string(name), of: base) ?? missing(.string(name), of: base)
  }

  /// `base[key]`: an item, else the attribute of that name.
  func item(_ key: Value, of base: Value) throws -> Value {
    if let value = try ownItem(key, of: base) { return value }
    if let name = key.string, let value = try ownAttribute(name, of: base) { return value }
    return missing(key, of: base)
  }

  private func missing(_ key: Value, of base: Value) -> Value {
    let owner = base.isNone ? "None" : "'\(base.typeName) object'"
    if let name = key.string {
      return .undefined("\(owner) has no attribute \(Jinja.PythonText.quoted(String(name.prefix(100))))")
    }
    return .undefined("\(owner) has no element \(key.integer.map(String.init) ?? "of that key")")
  }

  private func ownAttribute(_ name: String, of base: Value) throws -> Value? {
    switch base {
    case .undefined(let reason): throw Failure(reason)
    case .namespace(let namespace): return name.hasPrefix("_") ? nil : namespace.attributes[name]
    case .loop(let loop): return try loop.attribute(name)
    case .tuple(let elements) where elements.names.contains(name):
      return elements.names.firstIndex(of: name).map { elements.values[$0] }
    default: return Jinja.Methods.bound(name, to: base)
    }
  }

  private func ownItem(_ key: Value, of base: Value) throws -> Value? {
    switch base {
    case .undefined(let reason): throw Failure(reason)
    case .dictionary(let dictionary):
      guard key.isHashable else { return nil }
      try spend(key.weight)
      return dictionary.items[key]
    case .list(let elements), .tuple(let elements):
      return key.integer.flatMap { position($0, in: elements.values.count) }.map { elements.values[$0] }
    case .range(let range): return key.integer.flatMap { position($0, in: range.count) }.map { .int(range[$0]) }
    case .string(let text):
      guard let index = key.integer else { return nil }
      return try character(index, of: text)
    case .markup(let text):
      return try ownItem(key, of: .string(text))?.asMarkup
    default: return nil
    }
  }

  private func character(_ index: Int, of text: String) throws -> Value? {
    try spend(text.utf8.count / 16)
    let scalars = text.unicodeScalars
    if index >= 0 {
      guard let place = scalars.index(scalars.startIndex, offsetBy: index, limitedBy: scalars.endIndex),
        place < scalars.endIndex
      else { return nil }
      return .string(String(scalars[place]))
    }
    guard index >= -text.utf8.count else { return nil }
    return scalars.index(scalars.endIndex, offsetBy: index, limitedBy: scalars.startIndex)
      .map { .string(String(scalars[$0])) }
  }

  /// An index from the front or, where negative, from the end; nil where it is outside.
  private func position(_ index: Int, in count: Int) -> Int? {
    let position = index < 0 ? index + count : index
    return (0..<count).contains(position) ? position : nil
  }

  /// `base[start:stop:step]`
  func slice(_ base: Value, _ start: Value?, _ stop: Value?, _ step: Value?) throws -> Value {
    if case .undefined(let reason) = base { throw Failure(reason) }
    if case .markup(let text) = base { return try slice(.string(text), start, stop, step).asMarkup }
    switch base {
    case .string, .list, .tuple, .range: break
    default: throw Failure("'\(base.typeName)' object cannot be sliced")
    }
    guard [start, stop, step].allSatisfy({ $0 == nil || $0?.integer != nil }) else {
      throw Failure("the bounds of a slice must be integers or none")
    }
    let step = step?.integer ?? 1
    guard step != 0 else { throw Failure("the step of a slice cannot be zero") }
    if case .string(let text) = base {
      try spend(text.utf8.count)
      let scalars = Array(text.unicodeScalars)
      let range = Self.range(start?.integer, stop?.integer, step, count: scalars.count)
      return .string(Jinja.PythonText.string((0..<range.count).lazy.map { scalars[range[$0]] }))
    }
    let range = Self.range(start?.integer, stop?.integer, step, count: try length(of: base))
    try spend(range.count * 16)
    switch base {
    case .list(let elements): return .list((0..<range.count).map { elements.values[range[$0]] })
    case .tuple(let elements): return .tuple((0..<range.count).map { elements.values[range[$0]] })
    case .range(let whole):
      return .range(
        Jinja.IntegerRange(
          start: whole[range.start], stop: whole[range.stop], step: whole.step &* range.step, count: range.count))
    default: return base
    }
  }

  /// The indices of a slice, as `slice.indices` of Python gives them.
  private static func range(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> Jinja.IntegerRange {
    let lowest = step < 0 ? -1 : 0
    let highest = step < 0 ? count - 1 : count
    func clamp(_ index: Int) -> Int { min(max(index < 0 ? index + count : index, lowest), highest) }
    let first = start.map(clamp) ?? (step < 0 ? highest : lowest)
    let end = stop.map(clamp) ?? (step < 0 ? lowest : highest)
    let distance = step < 0 ? first - end : end - first
    // The magnitude of the smallest integer is no Int, but no list is as long as that either.
    let stride = step == .min ? Int.max : abs(step)
    return Jinja.IntegerRange(
      start: first, stop: end, step: step, count: distance > 0 ? (distance - 1) / stride + 1 : 0)
  }
}
