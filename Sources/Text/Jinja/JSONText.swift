import JSON

extension Jinja {
  /// Writes a value as Python's `json.dumps` does, with the defaults of transformers' `tojson`.
  struct JSONText {
    private var output = ""
    private let indentation: String?
    private let itemSeparator: String
    private let keySeparator: String
    private let isASCII: Bool
    private let sortsKeys: Bool
    private let interpreter: Interpreter

    /// The filter `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`.
    static func text(of value: Value, _ arguments: inout CallArguments, _ interpreter: Interpreter) throws -> String {
      let isASCII = arguments.flag("ensure_ascii")
      let indent = arguments.optional("indent")
      let separators = arguments.optional("separators")
      let sortsKeys = arguments.flag("sort_keys")
      try arguments.end()
      var indentation: String?
      if let text = indent?.string {
        indentation = text
      } else if let count = indent?.integer {
        guard count <= 1000 else { throw Failure("the indentation of 'tojson' is too wide") }
        indentation = String(repeating: " ", count: max(count, 0))
      }
      var pair = [indentation == nil ? ", " : ",", ": "]
      if let separators, !separators.isNone {
        pair = try interpreter.elements(of: separators).compactMap {
          $0.string
        }
        guard pair.count == 2 else { throw Failure("the separators of 'tojson' are two strings") }
      }
      var writer = JSONText(
        indentation: indentation, itemSeparator: pair[0], keySeparator: pair[1], isASCII: isASCII,
        sortsKeys: sortsKeys, interpreter: interpreter)
      try interpreter.reserve(value.weight)
      try writer.write(value, depth: 0)
      return writer.output
    }

    private mutating func write(_ value: Value, depth: Int) throws {
      switch value {
      case .none: output += "null"
      case .bool(let value): output += value ? "true" : "false"
      case .int(let value): output += String(value)
      case .float(let value): output += Self.text(of: value)
      case .string(let text), .markup(let text): write(text)
      case .list(let elements), .tuple(let elements):
        try write(elements.values, "[", "]", depth: depth) { try $0.write($1, depth: depth + 1) }
      case .dictionary(let dictionary):
        var items = dictionary.items.map { (key: $0.key, value: $0.value) }
        if sortsKeys { try items.sort { try $0.key.isLess(than: $1.key) } }
        try write(items, "{", "}", depth: depth) { writer, item in
          writer.write(try Self.key(item.key))
          writer.output += writer.keySeparator
          try writer.write(item.value, depth: depth + 1)
        }
      default: throw Failure("Object of type \(value.typeName) is not JSON serializable")
      }
    }

    private mutating func write<Item>(
      _ items: [Item], _ open: String, _ close: String, depth: Int, _ write: (inout Self, Item) throws -> Void
    ) throws {
      output += open
      for (index, item) in items.enumerated() {
        if index > 0 { output += itemSeparator }
        try newLine(depth + 1)
        try write(&self, item)
      }
      if !items.isEmpty { try newLine(depth) }
      output += close
    }

    private mutating func newLine(_ depth: Int) throws {
      guard let indentation else { return }
      try interpreter.reserve(indentation.utf8.count, times: depth)
      output += "\n" + String(repeating: indentation, count: depth)
      guard output.utf8.count <= Limit.valueWeight else { throw Failure("the text of 'tojson' is too long") }
    }

    private static func key(_ key: Value) throws -> String {
      switch key {
      case .string(let text), .markup(let text): text
      case .none: "null"
      case .bool(let value): value ? "true" : "false"
      case .int(let value): String(value)
      case .float(let value): text(of: value)
      default: throw Failure("keys must be strings, numbers, booleans or none, not '\(key.typeName)'")
      }
    }

    private static func text(of value: Double) -> String {
      if value.isNaN { return "NaN" }
      if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
      return PythonNumber.text(value)
    }

    private mutating func write(_ text: String) { JSON.write(text, isASCII: isASCII, to: &output) }
  }
}
