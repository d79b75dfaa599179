import JSON
import OrderedCollections

extension Jinja {
  /// The functions that every template can call.
  enum Globals {
    static var table: TextKeyed<Value> {
      [
        "range": function("range", range),
        "dict": function("dict") { .dictionary(Dictionary(try dictionary($0, $1))) },
        "namespace": function("namespace", namespace),
        "joiner": function("joiner", joiner),
        "raise_exception": function("raise_exception", raise),
        "strftime_now": function("strftime_now", strftime),
      ]
    }

    private static func function(
      _ name: String, _ call: @escaping (Interpreter, CallArguments) throws -> Value
    ) -> Value { .function(Function(name, call: call)) }

    private static func range(_: Interpreter, _ arguments: CallArguments) throws -> Value {
      let bounds = try arguments.positional.map { value in
        guard let integer = value.integer else { throw Failure("'range' needs integers, not '\(value.typeName)'") }
        return integer
      }
      guard arguments.keywords.isEmpty, (1...3).contains(bounds.count) else {
        throw Failure("'range' takes one to three integers")
      }
      let start = bounds.count > 1 ? bounds[0] : 0
      let stop = bounds.count > 1 ? bounds[1] : bounds[0]
      let step = bounds.count > 2 ? bounds[2] : 1
      guard step != 0 else { throw Failure("the step of 'range' cannot be zero") }
      guard step > 0 ? stop > start : stop < start else {
        return .range(IntegerRange(start: start, stop: stop, step: step, count: 0))
      }
      let (distance, overflow) = stop.subtractingReportingOverflow(start)
      guard !overflow, distance.magnitude <= UInt(Int.max) else { throw PythonNumber.tooLarge }
      let count = (distance.magnitude - 1) / step.magnitude + 1
      guard count <= UInt(Limit.range) else { throw Failure("'range' is longer than \(Limit.range)") }
      return .range(IntegerRange(start: start, stop: stop, step: step, count: Int(count)))
    }

    private static func dictionary(
      _ interpreter: Interpreter, _ arguments: CallArguments
    ) throws -> OrderedDictionary<Value, Value> {
      var result = OrderedDictionary<Value, Value>()
      guard arguments.positional.count <= 1 else { throw Failure("'dict' takes at most one argument without a name") }
      switch arguments.positional.first {
      case nil: break
      case .dictionary(let dictionary): result = dictionary.items
      case .some(let pairs):
        for pair in try interpreter.elements(of: pairs) {
          let pair = try interpreter.elements(of: pair)
          guard pair.count == 2 else { throw Failure("'dict' needs pairs of a key and a value") }
          result[try interpreter.hashable(pair[0])] = pair[1]
        }
      }
      for keyword in arguments.keywords { result[.string(keyword.name)] = keyword.value }
      return result
    }

    private static func namespace(_ interpreter: Interpreter, _ arguments: CallArguments) throws -> Value {
      var attributes = TextKeyed<Value>()
      for (key, value) in try dictionary(interpreter, arguments) {
        guard let name = key.string, !name.hasPrefix("_") else {
          throw Failure("attributes of a namespace are strings that do not begin with '_'")
        }
        attributes[name] = value
      }
      return interpreter.makeNamespace(attributes)
    }

    /// Gives nothing when it is first called, and its separator from then on.
    private static func joiner(_: Interpreter, _ arguments: CallArguments) throws -> Value {
      var arguments = arguments
      let separator = arguments.optional("sep") ?? .string(", ")
      try arguments.end()
      var isFirst = true
      return .function(
        Function("joiner", receiver: separator) { _, arguments in
          try arguments.end()
          defer { isFirst = false }
          return isFirst ? .string("") : separator
        })
    }

    private static func raise(_: Interpreter, _ arguments: CallArguments) throws -> Value {
      var arguments = arguments
      let message = try arguments.required("message")
      try arguments.end()
      throw Failure(message.text)
    }

    private static func strftime(_ interpreter: Interpreter, _ arguments: CallArguments) throws -> Value {
      var arguments = arguments
      let format = try arguments.text("format")
      try arguments.end()
      return .string(try interpreter.clock.formatted(format))
    }
  }
}
