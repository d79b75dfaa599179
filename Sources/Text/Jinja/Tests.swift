import JSON

extension Jinja {
  /// The tests that stand after `is`.
  enum Tests {
    typealias Test = @Sendable (Interpreter, Value, inout CallArguments) throws -> Bool

    static let table: TextKeyed<Test> = {
      var table: TextKeyed<Test> = [
        "defined": simple { !$0.isUndefined },
        "undefined": simple { $0.isUndefined },
        "none": simple { $0.isNone },
        "boolean": simple { if case .bool = $0 { true } else { false } },
        "true": simple { if case .bool(true) = $0 { true } else { false } },
        "false": simple { if case .bool(false) = $0 { true } else { false } },
        "integer": simple { if case .int = $0 { true } else { false } },
        "float": simple { if case .float = $0 { true } else { false } },
        "number": simple { $0.number != nil },
        "string": simple(\.isString),
        "mapping": simple { if case .dictionary = $0 { true } else { false } },
        "iterable": simple(isIterable),
        "sequence": simple(isSequence),
        "callable": simple(isCallable),
        "escaped": simple { if case .markup = $0 { true } else { false } },
        "odd": { .int(1) == (try remainder($0, $1, .int(2), $2)) },
        "even": { .int(0) == (try remainder($0, $1, .int(2), $2)) },
        "divisibleby": { interpreter, value, arguments in
          let divisor = try arguments.required("num")
          return .int(0) == (try remainder(interpreter, value, divisor, arguments))
        },
        "lower": { interpreter, value, arguments in
          try arguments.end()
          return PythonText.isAll(lower: true, try interpreter.text(of: value))
        },
        "upper": { interpreter, value, arguments in
          try arguments.end()
          return PythonText.isAll(lower: false, try interpreter.text(of: value))
        },
        "in": { interpreter, value, arguments in
          let container = try arguments.required("seq")
          try arguments.end()
          return try interpreter.contains(container, value)
        },
        "sameas": { interpreter, value, arguments in
          let other = try arguments.required("other")
          try arguments.end()
          return try value.typeName == other.typeName && interpreter.compare(value, "==", other)
        },
        "filter": simple { Filters.table[$0.text] != nil },
        "test": simple { isTest($0.text) },
      ]
      for (symbol, names) in comparisons {
        for name in [symbol] + names {
          table[name] = { interpreter, value, arguments in
            let other = try arguments.required("other")
            try arguments.end()
            return try interpreter.compare(value, symbol, other)
          }
        }
      }
      return table
    }()

    private static let comparisons = [
      "==": ["eq", "equalto"], "!=": ["ne"], "<": ["lt", "lessthan"], "<=": ["le"], ">": ["gt", "greaterthan"],
      ">=": ["ge"],
    ]

    private static func isTest(_ name: String) -> Bool { table[name] != nil }

    private static func simple(_ test: @escaping @Sendable (Value) -> Bool) -> Test {
      { _, value, arguments in
        try arguments.end()
        return test(value)
      }
    }

    private static func remainder(
      _ interpreter: Interpreter, _ value: Value, _ divisor: Value, _ arguments: CallArguments
    ) throws -> Value {
      try arguments.end()
      return try interpreter.arithmetic("%", value, divisor)
    }

    private static func isIterable(_ value: Value) -> Bool {
      switch value {
      case .undefined, .string, .markup, .list, .tuple, .dictionary, .range, .view, .iterator, .loop: true
      default: false
      }
    }

    private static func isSequence(_ value: Value) -> Bool {
      switch value {
      case .undefined, .string, .markup, .list, .tuple, .dictionary, .range: true
      default: false
      }
    }

    private static func isCallable(_ value: Value) -> Bool {
      switch value {
      case .undefined, .function, .loop: true
      default: false
      }
    }
  }
}
