extension Jinja.Filters {
  static func map(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let change: (Value) throws -> Value
    if arguments.positional.isEmpty, let attribute = arguments.keyword("attribute") {
      let standard = arguments.keyword("default")
      try arguments.end()
      change = try getter(attribute, i, standard: standard.flatMap { $0.isNone ? nil : $0 })
    } else {
      let name = try arguments.text("filter")
      let given = arguments
      change = { item in
        try i.nested { try i.filter(item, name, given) }
      }
    }
    return lazily(over: value, arguments) { try i.elements(of: value).map(change) }
  }

  static func select(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try chosen(i, value, &arguments, attribute: nil, keeping: true)
  }

  static func reject(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try chosen(i, value, &arguments, attribute: nil, keeping: false)
  }

  static func selectAttribute(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try chosen(i, value, &arguments, attribute: try arguments.required("attribute"), keeping: true)
  }

  static func rejectAttribute(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try chosen(i, value, &arguments, attribute: try arguments.required("attribute"), keeping: false)
  }

  /// The items that pass a test, or the others; without a test their truth decides.
  private static func chosen(
    _ i: Interpreter, _ value: Value, _ arguments: inout CallArguments, attribute: Value?, keeping: Bool
  ) throws -> Value {
    let get = try getter(attribute, i)
    let name = arguments.positional.isEmpty ? nil : try arguments.text("test")
    if name == nil { try arguments.end() }
    let given = arguments
    return lazily(over: value, arguments) {
      try i.elements(of: value).filter { item in
        let subject = try get(item)
        let passes = try name.map { try i.test(subject, $0, given) } ?? subject.isTrue
        return passes == keeping
      }
    }
  }

  private static func lazily(
    over value: Value, _ arguments: CallArguments, _ make: @escaping () throws -> [Value]
  ) -> Value {
    .iterator(Jinja.LazySequence(over: .tuple([value] + arguments.positional + arguments.keywords.map(\.value)), make))
  }
}
