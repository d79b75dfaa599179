import JSON

extension Jinja {
  /// The methods of values that templates may call.
  enum Methods {
    typealias StringMethod = @Sendable (Interpreter, String, inout CallArguments) throws -> Value

    /// Methods that would change a value; the sandbox hides them.
    private static let forbidden: Set<TextKey> = [
      "append", "clear", "pop", "popitem", "reverse", "insert", "sort", "extend", "remove", "setdefault", "update",
    ]

    /// Methods whose arguments can be given by name.
    private static let takingKeywords: Set<TextKey> = ["format", "rsplit", "split", "splitlines"]

    /// The method of that name with its value; nil where the value has none.
    static func bound(_ name: String, to value: Value) -> Value? {
      switch value {
      case .string(let text):
        guard let method = strings[name] else { return nil }
        return function(name, value) { interpreter, arguments in
          try interpreter.spend(text.utf8.count * Limit.search)
          return try method(interpreter, text, &arguments)
        }
      case .markup(let text):
        guard let method = strings[name] else { return nil }
        return function(name, value) { interpreter, arguments in
          try interpreter.spend(text.utf8.count * Limit.search)
          return try interpreter.call(method, named: name, ofMarkup: text, &arguments)
        }
      case .dictionary(let dictionary): return forbidden(name, value) ?? method(name, of: dictionary)
      case .list(let elements): return forbidden(name, value) ?? method(name, of: elements, value)
      case .tuple(let elements): return name == "copy" ? nil : method(name, of: elements, value)
      default: return nil
      }
    }

    private static func forbidden(_ name: String, _ value: Value) -> Value? {
      if case .list = value, ["popitem", "setdefault", "update"].contains(name) { return nil }
      if case .dictionary = value, !["clear", "pop", "popitem", "setdefault", "update"].contains(name) { return nil }
      return forbidden.contains(name)
        ? .undefined("access to attribute '\(name)' of '\(value.typeName)' object is unsafe.") : nil
    }

    private static func function(
      _ name: String, _ receiver: Value, _ call: @escaping (Interpreter, inout CallArguments) throws -> Value
    ) -> Value {
      .function(
        Function(name, receiver: receiver) { interpreter, arguments in
          var arguments = arguments
          if let keyword = arguments.keywords.first, !takingKeywords.contains(name) {
            throw Failure("\(arguments.callee) takes no argument '\(keyword.name)' by name")
          }
          let result = try call(interpreter, &arguments)
          try arguments.end()
          return result
        })
    }

    private static func method(_ name: String, of dictionary: Dictionary) -> Value? {
      let receiver = Value.dictionary(dictionary)
      func view(_ kind: String, _ values: @escaping () -> [Value]) -> Value {
        function(name, receiver) { interpreter, _ in
          try interpreter.spend(dictionary.items.count * 32)
          return .view(name: kind, Elements(values()))
        }
      }
      switch name {
      case "items": return view("dict_items") { dictionary.items.map { .tuple([$0.key, $0.value]) } }
      case "keys": return view("dict_keys") { Array(dictionary.items.keys) }
      case "values": return view("dict_values") { Array(dictionary.items.values) }
      case "copy": return function(name, receiver) { _, _ in receiver }
      case "get":
        return function(name, receiver) { interpreter, arguments in
          let key = try interpreter.hashable(arguments.required("key"))
          let standard = arguments.optional("default") ?? .none
          return dictionary.items[key] ?? standard
        }
      default: return nil
      }
    }

    private static func method(_ name: String, of elements: Elements, _ receiver: Value) -> Value? {
      switch name {
      case "copy": return function(name, receiver) { _, _ in receiver }
      case "count":
        return function(name, receiver) { interpreter, arguments in
          let item = try arguments.required("value")
          try interpreter.spend(elements.weight)
          return .int(elements.values.count { $0 == item })
        }
      case "index":
        return function(name, receiver) { interpreter, arguments in
          let item = try arguments.required("value")
          try interpreter.spend(elements.weight)
          guard let index = elements.values.firstIndex(of: item) else { throw Failure("the value is not in the list") }
          return .int(index)
        }
      default: return nil
      }
    }
  }
}
