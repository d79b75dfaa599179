import JSON

extension Jinja.Filters {
  /// What looks up a dotted attribute (or an index) of an item, as `map(attribute=…)` and others do.
  static func getter(
    _ attribute: Value?, _ interpreter: Interpreter, standard: Value? = nil
  ) throws -> (Value) throws -> Value {
    var parts: [Value] = []
    if let path = attribute?.string {
      parts = path.split(separator: ".", omittingEmptySubsequences: false).map { part in
        !part.isEmpty && part.allSatisfy({ $0.isASCII && $0.isNumber })
          ? .int(Int(part) ?? .max) : .string(String(part))
      }
    } else if let attribute, !attribute.isNone {
      parts = [attribute]
    }
    return { item in
      try interpreter.spend(Jinja.Limit.step)
      return try parts.reduce(item) { item, part in
        let found = try interpreter.item(part, of: item)
        return found.isUndefined ? standard ?? found : found
      }
    }
  }

  /// Strings compare without case unless asked otherwise.
  private static func key(
    _ attribute: Value?, caseSensitive: Bool, _ interpreter: Interpreter, standard: Value? = nil
  ) throws -> (Value) throws -> Value {
    let get = try getter(attribute, interpreter, standard: standard)
    return { item in
      let value = try get(item)
      guard !caseSensitive, let text = value.string else { return value }
      try interpreter.spend(text.utf8.count)
      return .string(Jinja.PythonText.lower(text))
    }
  }

  private static func sorted(
    _ items: [Value], by keys: [(Value) throws -> Value], reverse: Bool, _ i: Interpreter
  ) throws -> [Value] {
    var decorated: [(key: Value, item: Value)] = []
    for item in items { decorated.append((.list(try keys.map { try $0(item) }), item)) }
    func isLess(_ a: Value, _ b: Value) throws -> Bool {
      try i.spend(Swift.min(a.weight, b.weight))
      return try a.isLess(than: b)
    }
    // Reversed, equal items keep their order too.
    try decorated.sort { try reverse ? isLess($1.key, $0.key) : isLess($0.key, $1.key) }
    return decorated.map(\.item)
  }

  static func sort(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let reverse = arguments.flag("reverse")
    let caseSensitive = arguments.flag("case_sensitive")
    let attribute = arguments.optional("attribute")
    try arguments.end()
    var attributes: [Value?] = [attribute]
    if let list = attribute?.string {
      attributes = list.split(separator: ",", omittingEmptySubsequences: false).map { .string(String($0)) }
    }
    let keys = try attributes.map { try key($0, caseSensitive: caseSensitive, i) }
    return .list(try sorted(try i.elements(of: value), by: keys, reverse: reverse, i))
  }

  static func groupBy(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let attribute = try arguments.required("attribute")
    let standard = arguments.optional("default").flatMap { $0.isNone ? nil : $0 }
    let caseSensitive = arguments.flag("case_sensitive")
    try arguments.end()
    let name = try getter(attribute, i, standard: standard)
    let key = try key(attribute, caseSensitive: caseSensitive, i, standard: standard)
    var groups: [(key: Value, items: [Value])] = []
    for item in try sorted(try i.elements(of: value), by: [key], reverse: false, i) {
      let key = try key(item)
      if let last = groups.last, last.key == key {
        groups[groups.count - 1].items.append(item)
      } else {
        groups.append((key, [item]))
      }
    }
    return .list(
      try groups.map { group in
        let title = try caseSensitive ? group.key : name(group.items[0])
        return .tuple(Jinja.Elements([title, .list(group.items)], names: ["grouper", "list"]))
      })
  }

  static func sortedItems(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let caseSensitive = arguments.flag("case_sensitive")
    let by = try arguments.optionalText("by") ?? "key"
    let reverse = arguments.flag("reverse")
    try arguments.end()
    guard by == "key" || by == "value" else { throw Failure("'dictsort' sorts by 'key' or 'value'") }
    guard case .dictionary(let dictionary) = value else { throw Failure("'dictsort' needs a mapping") }
    let pairs = dictionary.items.map { Value.tuple([$0.key, $0.value]) }
    let key = try key(.int(by == "key" ? 0 : 1), caseSensitive: caseSensitive, i)
    return .list(try sorted(pairs, by: [key], reverse: reverse, i))
  }

  static func unique(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let key = try key(caseSensitive: arguments.flag("case_sensitive"), attribute: arguments.optional("attribute"), i)
    try arguments.end()
    return .iterator(
      Jinja.LazySequence(over: value) {
        var seen: Set<Value> = []
        return try i.elements(of: value).filter { seen.insert(try i.hashable(key($0))).inserted }
      })
  }

  private static func key(
    caseSensitive: Bool, attribute: Value?, _ i: Interpreter
  ) throws -> (Value) throws -> Value { try key(attribute, caseSensitive: caseSensitive, i) }

  static func min(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try extreme(i, value, &arguments) { try $0.isLess(than: $1) }
  }

  static func max(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try extreme(i, value, &arguments) { try $1.isLess(than: $0) }
  }

  private static func extreme(
    _ i: Interpreter, _ value: Value, _ arguments: inout CallArguments, isBetter: (Value, Value) throws -> Bool
  ) throws -> Value {
    let key = try key(caseSensitive: arguments.flag("case_sensitive"), attribute: arguments.optional("attribute"), i)
    try arguments.end()
    let items = try i.elements(of: value)
    guard var best = items.first else { return .undefined("No aggregated item, sequence was empty.") }
    var bestKey = try key(best)
    for item in items.dropFirst() {
      let itemKey = try key(item)
      try i.spend(Swift.min(itemKey.weight, bestKey.weight))
      if try isBetter(itemKey, bestKey) { (best, bestKey) = (item, itemKey) }
    }
    return best
  }

  static func sum(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let attribute = arguments.optional("attribute")
    let start = arguments.optional("start") ?? .int(0)
    try arguments.end()
    guard !start.isString else { throw Failure("'sum' does not add strings") }
    let get = try getter(attribute, i)
    return try i.elements(of: value).reduce(start) { try i.check(try i.arithmetic("+", $0, get($1))) }
  }

  static func length(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    return .int(try i.length(of: value))
  }

  static func list(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    return .list(try i.elements(of: value))
  }

  static func first(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    let empty = Value.undefined("No first item, sequence was empty.")
    switch value {
    case .iterator(let iterator): return try iterator.next() ?? empty
    case .string(let text): return text.unicodeScalars.first.map { .string(String($0)) } ?? empty
    default: return try i.elements(of: value).first ?? empty
    }
  }

  static func last(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    if case .undefined = value { throw Failure("'last' needs a sequence") }
    if case .iterator = value { throw Failure("'last' needs a sequence, not what a lazy filter gives; use 'list'") }
    if case .string(let text) = value, let last = text.unicodeScalars.last { return .string(String(last)) }
    return try i.elements(of: value).last ?? .undefined("No last item, sequence was empty.")
  }

  static func reverse(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    if let text = value.string { return .string(Jinja.PythonText.string(text.unicodeScalars.reversed())) }
    let reversed = Array(try i.elements(of: value).reversed())
    if case .iterator = value { return .list(reversed) }
    return .iterator(Jinja.LazySequence(over: value) { reversed })
  }

  static func items(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    return .iterator(
      Jinja.LazySequence(over: value) {
        if value.isUndefined { return [] }
        guard case .dictionary(let dictionary) = value else { throw Failure("'items' needs a mapping") }
        return dictionary.items.map { .tuple([$0.key, $0.value]) }
      })
  }

  static func batch(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let count = try arguments.required("linecount").integer
    let filler = arguments.optional("fill_with")
    try arguments.end()
    guard let count, count > 0 else { throw Failure("'batch' needs a positive number") }
    return .iterator(
      Jinja.LazySequence(over: .tuple([value, filler ?? .none])) {
        let items = try i.elements(of: value)
        var batches: [Value] = []
        var start = 0
        while start < items.count {
          var batch = Array(items[start...].prefix(count))
          start += batch.count
          if let filler, !filler.isNone, batch.count < count {
            try i.reserve(count - batch.count, times: 16)
            batch += Array(repeating: filler, count: count - batch.count)
          }
          batches.append(.list(batch))
        }
        return batches
      })
  }

  static func slice(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let count = try arguments.required("slices").integer
    let filler = arguments.optional("fill_with")
    try arguments.end()
    guard let count, count > 0 else { throw Failure("'slice' needs a positive number") }
    return .iterator(
      Jinja.LazySequence(over: .tuple([value, filler ?? .none])) {
        let items = try i.elements(of: value)
        try i.reserve(count, times: 64)
        var start = 0
        return (0..<count).map { index in
          let size = items.count / count + (index < items.count % count ? 1 : 0)
          var part = Array(items[start..<start + size])
          start += size
          if let filler, !filler.isNone, index >= items.count % count { part.append(filler) }
          return .list(part)
        }
      })
  }
}
