import JSON

extension Jinja {
  /// The arguments of a call, filter or test. Built-ins take them one by one, by position or name, and then `end`.
  struct CallArguments {
    var positional: [Value] = []
    var keywords: [(name: String, value: Value)] = []
    /// What is called, for messages.
    var callee = ""

    /// The next argument; nil where it is not given.
    mutating func optional(_ name: String) -> Value? {
      if !positional.isEmpty { return positional.removeFirst() }
      return keyword(name)
    }

    /// The argument of that name, never by position.
    mutating func keyword(_ name: String) -> Value? {
      guard let index = keywords.firstIndex(where: { $0.name == name }) else { return nil }
      return keywords.remove(at: index).value
    }

    /// The next argument, which must be there.
    mutating func required(_ name: String) throws -> Value {
      guard let value = optional(name) else { throw Failure("\(callee) needs the argument '\(name)'") }
      return value
    }

    mutating func text(_ name: String) throws -> String {
      let value = try required(name)
      guard let text = value.string else { throw mismatch(name, "a string", value) }
      return text
    }

    /// A string; nil where it is not given or none.
    mutating func optionalText(_ name: String) throws -> String? {
      guard let value = optional(name), !value.isNone else { return nil }
      guard let text = value.string else { throw mismatch(name, "a string", value) }
      return text
    }

    /// An integer; nil where it is not given or none.
    mutating func optionalInteger(_ name: String) throws -> Int? {
      guard let value = optional(name), !value.isNone else { return nil }
      guard let integer = value.integer else { throw mismatch(name, "an integer", value) }
      return integer
    }

    mutating func flag(_ name: String) -> Bool { optional(name)?.isTrue ?? false }

    private func mismatch(_ name: String, _ expected: String, _ value: Value) -> Failure {
      if case .undefined(let reason) = value { return Failure(reason) }
      return Failure("\(callee) needs \(expected) as '\(name)', not '\(value.typeName)'")
    }

    /// Nothing may be left over.
    func end() throws {
      if let extra = keywords.first { throw Failure("\(callee) takes no argument '\(extra.name)'") }
      if !positional.isEmpty { throw Failure("\(callee) was given too many arguments") }
    }
  }
}
