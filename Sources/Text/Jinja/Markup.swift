import JSON

extension Jinja.Value {
  /// A string, or the strings of a list, as ones that are not escaped again; other values as they are.
  var asMarkup: Self {
    switch self {
    case .string(let text): .markup(text)
    case .list(let elements): .list(elements.values.map(\.asMarkup))
    case .tuple(let elements): .tuple(elements.values.map(\.asMarkup))
    default: self
    }
  }
}

/// Strings as markupsafe has them. Chat templates run without automatic escaping, so that only `safe` and `escape` make
/// them; what plain strings are joined to them by `+`, `%` and methods is escaped nevertheless.
extension Jinja.Interpreter {
  func escaped(_ value: Value) throws -> String {
    let text = try text(of: value)
    if case .markup = value { return text }
    let names: [UInt8: String] = [0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;", 0x22: "&#34;", 0x27: "&#39;"]
    let growth = text.utf8.reduce(0) { $0 + (names[$1].map { $0.utf8.count - 1 } ?? 0) }
    try reserve(text.utf8.count + growth)
    if growth == 0 { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + growth)
    for byte in text.utf8 { if let name = names[byte] { bytes += name.utf8 } else { bytes.append(byte) } }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What an operator gives where one side is markup; nil where it has no meaning of its own.
  func markup(_ symbol: String, _ left: Value, _ right: Value) throws -> Value? {
    switch (symbol, left, right) {
    case ("%", .markup(let format), _): return .markup(try percentFormat(format, right, escaping: true))
    case ("*", .markup(let text), _): return try arithmetic("*", .string(text), right).asMarkup
    case ("*", _, .markup(let text)): return try arithmetic("*", left, .string(text)).asMarkup
    case ("+", .markup, _), ("+", _, .markup):
      guard left.isString, right.isString else { return nil }
      let (left, right) = (try escaped(left), try escaped(right))
      try reserve(left.utf8.count + right.utf8.count)
      return .markup(left + right)
    default: return nil
    }
  }

  /// Calls a method of markup.
  func call(
    _ method: Jinja.Methods.StringMethod, named name: String, ofMarkup text: String,
    _ arguments: inout Jinja.CallArguments
  ) throws -> Value {
    switch name {
    case "format": return .markup(try braceFormat(text, &arguments, escaping: true))
    case "join":
      let items = try elements(of: arguments.required("iterable"))
      arguments.positional.insert(.list(try items.map { .string(try escaped($0)) }), at: 0)
    case "replace":
      if arguments.positional.count > 1 { arguments.positional[1] = .string(try escaped(arguments.positional[1])) }
    default: break
    }
    return try method(self, text, &arguments).asMarkup
  }
}
