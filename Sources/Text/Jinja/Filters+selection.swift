import JSON

extension Jinja.Filters {
  static func map(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    lazily(over: value, arguments) { given in
      var arguments = given
      if arguments.positional.isEmpty, let attribute = arguments.keyword("attribute") {
        let standard = arguments.keyword("default")
        try arguments.end()
        return try i.elements(of: value).map(getter(attribute, i, standard: standard.flatMap { $0.isNone ? nil : $0 }))
      }
      let name = try arguments.text("filter")
      return try i.elements(of: value).map { item in try i.nested { try i.filter(item, name, arguments) } }
    }
  }

  static func select(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    chosen(i, value, arguments, byAttribute: false, keeping: true)
  }

  static func reject(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    chosen(i, value, arguments, byAttribute: false, keeping: false)
  }

  static func selectAttribute(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    chosen(i, value, arguments, byAttribute: true, keeping: true)
  }

  static func rejectAttribute(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    chosen(i, value, arguments, byAttribute: true, keeping: false)
  }

  /// The items that pass a test, or the others; without a test their truth decides.
  private static func chosen(
    _ i: Interpreter, _ value: Value, _ arguments: CallArguments, byAttribute: Bool, keeping: Bool
  ) -> Value {
    lazily(over: value, arguments) { given in
      var arguments = given
      let get = try getter(byAttribute ? arguments.required("attribute") : nil, i)
      let name = arguments.positional.isEmpty ? nil : try arguments.text("test")
      if name == nil { try arguments.end() }
      return try i.elements(of: value).filter { item in
        let subject = try get(item)
        let passes = try name.map { try i.test(subject, $0, arguments) } ?? subject.isTrue
        return passes == keeping
      }
    }
  }

  /// What `make` gives of the items, once it is asked for. As in jinja2 no value that is false is looked into: none gives
  /// nothing, where a loop over it would fail.
  private static func lazily(
    over value: Value, _ arguments: CallArguments,
    _ make: @escaping (CallArguments) throws -> [Value]
  ) -> Value {
    let source = Value.tuple([value] + arguments.positional + arguments.keywords.map(\.value))
    return .iterator(Jinja.LazySequence(over: source) { value.isTrue ? try make(arguments) : [] })
  }
}
