import JSON

extension Jinja {
  /// The filters that stand after `|`.
  enum Filters {
    typealias Filter = @Sendable (Interpreter, Value, inout CallArguments) throws -> Value

    static let table: TextKeyed<Filter> = [
      "abs": abs, "attr": attribute, "batch": batch, "capitalize": capitalize, "center": center, "count": length,
      "d": standard, "default": standard, "dictsort": sortedItems, "e": escape, "escape": escape, "first": first,
      "float": float, "forceescape": forceEscape, "format": format, "groupby": groupBy, "indent": indent, "int": int,
      "items": items, "join": join, "last": last, "length": length, "list": list, "lower": lower, "map": map,
      "max": max, "min": min, "reject": reject, "rejectattr": rejectAttribute, "replace": replace, "reverse": reverse,
      "round": round, "safe": safe, "select": select, "selectattr": selectAttribute, "slice": slice, "sort": sort,
      "string": string, "sum": sum, "title": title, "tojson": json, "trim": trim, "truncate": truncate,
      "unique": unique, "upper": upper, "wordcount": wordCount,
    ]

    /// Those that leave a string markup where it is.
    static let keepingMarkup: Set<TextKey> = [
      "capitalize", "center", "indent", "lower", "reverse", "string", "trim", "upper",
    ]

    // MARK: Values

    private static func standard(_: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
      let standard = arguments.optional("default_value") ?? .string("")
      let boolean = arguments.flag("boolean")
      try arguments.end()
      return value.isUndefined || boolean && !value.isTrue ? standard : value
    }

    private static func attribute(
      _ interpreter: Interpreter, _ value: Value, _ arguments: inout CallArguments
    ) throws -> Value {
      let name = try arguments.text("name")
      try arguments.end()
      if case .dictionary = value, Methods.bound(name, to: value) == nil {
        return .undefined("'dict object' has no attribute \(PythonText.quoted(name))")
      }
      return try interpreter.attribute(name, of: value)
    }

    private static func json(_ interpreter: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws
      -> Value
    { .string(try JSONText.text(of: value, &arguments, interpreter)) }

    // MARK: Numbers

    private static func abs(_ interpreter: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws
      -> Value
    {
      try arguments.end()
      switch try interpreter.number(value) {
      case .float(let value): return .float(value.magnitude)
      default:
        let integer = value.integer ?? 0
        return integer < 0 ? try interpreter.negated(value) : .int(integer)
      }
    }

    private static func int(_: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
      let standard = arguments.optional("default") ?? .int(0)
      let base = try arguments.optionalInteger("base") ?? 10
      try arguments.end()
      if case .undefined(let reason) = value { throw Failure(reason) }
      if let integer = value.integer { return .int(integer) }
      if let text = value.string, let integer = PythonNumber.integer(text, base: base) { return .int(integer) }
      guard let number = value.number ?? (value.isString ? PythonNumber.float(value.text) : nil), !number.isNaN else {
        return standard
      }
      guard number.isFinite else {
        if value.isString { return standard }
        throw Failure("infinity is not an integer")
      }
      guard let integer = Int(exactly: number.rounded(.towardZero)) else { throw PythonNumber.tooLarge }
      return .int(integer)
    }

    private static func float(_: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
      let standard = arguments.optional("default") ?? .float(0)
      try arguments.end()
      if case .undefined(let reason) = value { throw Failure(reason) }
      if let text = value.string { return PythonNumber.float(text).map(Value.float) ?? standard }
      return value.number.map(Value.float) ?? standard
    }

    private static func round(_ interpreter: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws
      -> Value
    {
      let precision = try arguments.optionalInteger("precision") ?? 0
      let method = try arguments.optionalText("method") ?? "common"
      try arguments.end()
      guard ["common", "ceil", "floor"].contains(method) else {
        throw Failure("the method of 'round' must be common, ceil or floor")
      }
      let number = try interpreter.number(value).number ?? 0
      guard (-300...300).contains(precision) else { throw Failure("the precision of 'round' is out of bounds") }
      if method == "common" {
        guard let integer = value.integer else { return .float(PythonNumber.round(number, digits: precision)) }
        return .int(precision >= 0 ? integer : Int(exactly: PythonNumber.round(number, digits: precision)) ?? integer)
      }
      let unit = try interpreter.arithmetic("**", .int(10), .int(precision))
      let scaled = try interpreter.arithmetic("*", value, unit)
      guard let scaled = scaled.number, scaled.isFinite else { throw Failure("infinity cannot be rounded") }
      let rounded = scaled.rounded(method == "ceil" ? .up : .down)
      return .float(rounded / (unit.number ?? 1))
    }
  }
}

extension Jinja.Value {
  var isString: Bool { string != nil }
}
