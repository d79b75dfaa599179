extension Jinja.Methods {
  typealias Interpreter = Jinja.Interpreter
  typealias Value = Jinja.Value
  typealias CallArguments = Jinja.CallArguments
  typealias Failure = Jinja.Failure

  static func split(
    _ interpreter: Interpreter, _ text: String, _ arguments: inout CallArguments, fromRight: Bool
  ) throws -> Value {
    let separator = try arguments.optionalText("sep")
    let limit = try arguments.optionalInteger("maxsplit") ?? -1
    guard separator?.isEmpty != true else { throw Failure("empty separator") }
    // Each piece costs more memory than its text.
    try interpreter.reserve(text.utf8.count, times: 4)
    return .list(
      Jinja.PythonText.split(text, by: separator, limit: limit < 0 ? .max : limit, fromRight: fromRight)
        .map(Value.string))
  }

  static func partition(_ text: String, _ separator: String, fromRight: Bool) throws -> Value {
    guard !separator.isEmpty else { throw Failure("empty separator") }
    let parts = Jinja.PythonText.split(text, by: separator, limit: 1, fromRight: fromRight)
    if parts.count == 2 { return .tuple([.string(parts[0]), .string(separator), .string(parts[1])]) }
    return .tuple(
      fromRight ? [.string(""), .string(""), .string(text)] : [.string(text), .string(""), .string("")])
  }

  static func starts(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  static func ends(_ text: String, _ suffix: String) -> Bool {
    text.utf8.count >= suffix.utf8.count && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  static func dropped(_ text: String, first count: Int) -> String {
    String(decoding: text.utf8.dropFirst(count), as: UTF8.self)
  }

  static func dropped(_ text: String, last count: Int) -> String {
    String(decoding: text.utf8.dropLast(count), as: UTF8.self)
  }

  /// `startswith` and `endswith`: with one text or a tuple of them, in the whole or between two indices.
  static func matches(
    _ interpreter: Interpreter, _ text: String, _ arguments: inout CallArguments, _ test: (String, String) -> Bool
  ) throws -> Value {
    let wanted = try arguments.required("prefix")
    let (window, _) = try window(text, &arguments)
    var candidates = [wanted]
    if case .tuple(let elements) = wanted { candidates = elements.values }
    let texts = try candidates.map { candidate in
      guard let text = candidate.string else {
        throw Failure("a string or a tuple of strings was expected, not '\(candidate.typeName)'")
      }
      return text
    }
    return .bool(window.map { window in texts.contains { test(window, $0) } } ?? false)
  }

  /// The part of the text that the arguments `start` and `end` leave, and its index; nil where they leave none.
  static func window(_ text: String, _ arguments: inout CallArguments) throws -> (String?, Int) {
    let start = try arguments.optionalInteger("start")
    let end = try arguments.optionalInteger("end")
    guard start != nil || end != nil else { return (text, 0) }
    let scalars = Array(text.unicodeScalars)
    func place(_ index: Int) -> Int { max(index < 0 ? index + scalars.count : index, 0) }
    let lower = place(start ?? 0)
    let upper = min(place(end ?? scalars.count), scalars.count)
    return lower <= upper ? (Jinja.PythonText.string(scalars[lower..<upper]), lower) : (nil, 0)
  }

  /// The index of the first or last place of a part.
  static func find(
    _ interpreter: Interpreter, _ text: String, _ arguments: inout CallArguments, fromRight: Bool
  ) throws -> Int? {
    let part = try arguments.text("sub")
    let (window, start) = try window(text, &arguments)
    guard let window else { return nil }
    if part.isEmpty { return start + (fromRight ? window.unicodeScalars.count : 0) }
    let pieces = Jinja.PythonText.split(window, by: part, limit: 1, fromRight: fromRight)
    return pieces.count == 2 ? start + pieces[0].unicodeScalars.count : nil
  }

  static func found(_ index: Int?) throws -> Int {
    guard let index else { throw Failure("substring not found") }
    return index
  }

  static func padded(
    _ interpreter: Interpreter, _ text: String, _ arguments: inout CallArguments, _ alignment: Jinja.Alignment
  ) throws -> String {
    guard let width = try arguments.optionalInteger("width") else { throw Failure("a width was expected") }
    let fill = try arguments.optionalText("fillchar") ?? " "
    guard let scalar = fill.unicodeScalars.first, fill.unicodeScalars.count == 1 else {
      throw Failure("the fill character must be one character")
    }
    return try interpreter.padded(text, to: width, with: scalar, alignment)
  }
}
