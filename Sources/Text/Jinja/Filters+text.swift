extension Jinja.Filters {
  typealias Interpreter = Jinja.Interpreter
  typealias Value = Jinja.Value
  typealias CallArguments = Jinja.CallArguments
  typealias Failure = Jinja.Failure

  /// A filter without arguments from text to text.
  private static func text(
    _ interpreter: Interpreter, _ value: Value, _ arguments: CallArguments, _ change: (String) -> String
  ) throws -> Value {
    try arguments.end()
    return .string(change(try interpreter.text(of: value)))
  }

  static func string(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try text(i, value, arguments) { $0 }
  }
  static func upper(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try text(i, value, arguments, Jinja.PythonText.upper)
  }
  static func lower(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try text(i, value, arguments, Jinja.PythonText.lower)
  }
  static func capitalize(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try text(i, value, arguments, Jinja.PythonText.capitalize)
  }

  /// Unlike `str.title`, words begin only after blanks, dashes and opening brackets.
  static func title(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try text(i, value, arguments) { text in
      var result = ""
      var word = ""
      func finish() {
        if let first = word.unicodeScalars.first {
          result += first.properties.uppercaseMapping
          result += Jinja.PythonText.lower(String(word.unicodeScalars.dropFirst()))
        }
        word = ""
      }
      for scalar in text.unicodeScalars {
        if "-({[<".unicodeScalars.contains(scalar) || Jinja.PythonText.isSpace(scalar) {
          finish()
          result.unicodeScalars.append(scalar)
        } else {
          word.unicodeScalars.append(scalar)
        }
      }
      finish()
      return result
    }
  }

  static func escape(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    return .markup(try i.escaped(value))
  }
  static func forceEscape(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    return .markup(try i.escaped(.string(i.text(of: value))))
  }
  static func safe(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try string(i, value, &arguments).asMarkup
  }

  static func wordCount(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    try arguments.end()
    var count = 0
    var insideWord = false
    for scalar in try i.text(of: value).unicodeScalars {
      let isWord = scalar == "_" || Jinja.PythonText.isAlphanumeric(scalar)
      if isWord, !insideWord { count += 1 }
      insideWord = isWord
    }
    return .int(count)
  }

  static func trim(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let characters = try arguments.optionalText("chars")
    try arguments.end()
    return .string(Jinja.PythonText.strip(try i.text(of: value), characters))
  }

  static func truncate(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let length = try arguments.optionalInteger("length") ?? 255
    let cutsWords = arguments.flag("killwords")
    let end = try arguments.optionalText("end") ?? "..."
    let leeway = try arguments.optionalInteger("leeway") ?? 5
    try arguments.end()
    let kept = length - end.unicodeScalars.count
    guard kept >= 0, leeway >= 0 else { throw Failure("'truncate' needs a length that its end fits in") }
    guard let text = value.string else { throw Failure("'truncate' needs a string, not '\(value.typeName)'") }
    guard text.unicodeScalars.count > Jinja.Limit.sum(length, leeway) else { return value }
    var start = Jinja.PythonText.string(text.unicodeScalars.prefix(kept))
    if !cutsWords { start = Jinja.PythonText.split(start, by: " ", limit: 1, fromRight: true).first ?? "" }
    guard case .markup = value else { return .string(start + end) }
    return .markup(start + (try i.escaped(.string(end))))
  }

  static func center(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let width = try arguments.optionalInteger("width") ?? 80
    try arguments.end()
    return .string(try i.padded(try i.text(of: value), to: width, with: " ", .center))
  }

  static func replace(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let old = try i.text(of: arguments.required("old"))
    let new = try i.text(of: arguments.required("new"))
    let count = try arguments.optionalInteger("count") ?? -1
    try arguments.end()
    return .string(try i.replaced(try i.text(of: value), old, with: new, count: count))
  }

  static func format(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
      throw Failure("'format' cannot take arguments with and without names at once")
    }
    let values: Value =
      arguments.keywords.isEmpty
      ? .tuple(arguments.positional)
      : .dictionary(
        Jinja.Dictionary(.init(arguments.keywords.map { (.string($0.name), $0.value) }, uniquingKeysWith: { $1 })))
    if case .markup = value { return try i.arithmetic("%", value, values) }
    return .string(try i.percentFormat(try i.text(of: value), values))
  }

  static func indent(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let width = arguments.optional("width") ?? .int(4)
    let first = arguments.flag("first")
    let blank = arguments.flag("blank")
    try arguments.end()
    if case .undefined(let reason) = value { throw Failure(reason) }
    guard let text = value.string else { throw Failure("'indent' needs a string, not '\(value.typeName)'") }
    let indentation: String
    if let given = width.string {
      indentation = given
    } else {
      guard let count = width.integer else { throw Failure("'indent' needs a number or a string as 'width'") }
      try i.reserve(count)
      indentation = String(repeating: " ", count: Swift.max(count, 0))
    }
    let lines = Jinja.PythonText.lines(text + "\n")
    try i.reserve(indentation.utf8.count + 1, times: lines.count)
    var result = first ? indentation : ""
    for (index, line) in lines.enumerated() {
      if index > 0 { result += "\n" + (blank || !line.isEmpty ? indentation : "") }
      result += line
    }
    return .string(result)
  }

  static func join(_ i: Interpreter, _ value: Value, _ arguments: inout CallArguments) throws -> Value {
    let separator = try i.text(of: arguments.optional("d") ?? .string(""))
    let attribute = arguments.optional("attribute")
    try arguments.end()
    var items = try i.elements(of: value)
    if let attribute { items = try items.map(getter(attribute, i)) }
    return .string(try i.joined(try items.map { try i.text(of: $0) }, with: separator))
  }
}
