import JSON

extension Jinja.Methods {
  private typealias Text = Jinja.PythonText

  static let strings: TextKeyed<StringMethod> = [
    "strip": { _, text, arguments in .string(Text.strip(text, try arguments.optionalText("chars"))) },
    "lstrip": { _, text, arguments in .string(Text.strip(text, try arguments.optionalText("chars"), right: false)) },
    "rstrip": { _, text, arguments in .string(Text.strip(text, try arguments.optionalText("chars"), left: false)) },
    "upper": change(Text.upper),
    "lower": change(Text.lower),
    "casefold": change(Text.lower),
    "title": change(Text.title),
    "capitalize": change(Text.capitalize),
    "swapcase": change(Text.swapCase),
    "split": { try split($0, $1, &$2, fromRight: false) },
    "rsplit": { try split($0, $1, &$2, fromRight: true) },
    "splitlines": { _, text, arguments in
      .list(Text.lines(text, keepingEnds: arguments.flag("keepends")).map(Value.string))
    },
    "partition": { _, text, arguments in try partition(text, try arguments.text("sep"), fromRight: false) },
    "rpartition": { _, text, arguments in try partition(text, try arguments.text("sep"), fromRight: true) },
    "join": { interpreter, text, arguments in
      let items = try interpreter.elements(of: arguments.required("iterable"))
      return .string(
        try interpreter.joined(
          try items.map { item in
            guard let part = item.string else {
              throw Failure("'join' needs strings, not '\(item.typeName)'")
            }
            return part
          }, with: text))
    },
    "replace": { interpreter, text, arguments in
      let old = try arguments.text("old")
      let new = try arguments.text("new")
      return .string(
        try interpreter.replaced(text, old, with: new, count: try arguments.optionalInteger("count") ?? -1))
    },
    "removeprefix": { _, text, arguments in
      let prefix = try arguments.text("prefix")
      return .string(starts(text, prefix) ? dropped(text, first: prefix.utf8.count) : text)
    },
    "removesuffix": { _, text, arguments in
      let suffix = try arguments.text("suffix")
      return .string(ends(text, suffix) && !suffix.isEmpty ? dropped(text, last: suffix.utf8.count) : text)
    },
    "startswith": { try matches($0, $1, &$2, starts) },
    "endswith": { try matches($0, $1, &$2, ends) },
    "find": { .int(try find($0, $1, &$2, fromRight: false) ?? -1) },
    "rfind": { .int(try find($0, $1, &$2, fromRight: true) ?? -1) },
    "index": { .int(try found(try find($0, $1, &$2, fromRight: false))) },
    "rindex": { .int(try found(try find($0, $1, &$2, fromRight: true))) },
    "count": { _, text, arguments in
      let part = try arguments.text("sub")
      let (window, _) = try window(text, &arguments)
      guard let window else { return .int(0) }
      if part.isEmpty { return .int(window.unicodeScalars.count + 1) }
      return .int(Text.offsets(of: Array(part.utf8), in: Array(window.utf8)).count)
    },
    "center": { .string(try padded($0, $1, &$2, .center)) },
    "ljust": { .string(try padded($0, $1, &$2, .left)) },
    "rjust": { .string(try padded($0, $1, &$2, .right)) },
    "zfill": { interpreter, text, arguments in
      let width = try arguments.optionalInteger("width") ?? 0
      let sign = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.prefix(1)) : ""
      let digits = String(text.dropFirst(sign.count))
      return .string(sign + (try interpreter.padded(digits, to: width - sign.count, with: "0", .right)))
    },
    "format": { .string(try $0.braceFormat($1, &$2)) },
    "isalpha": all { Text.isAlphabetic($0) },
    "isalnum": all { Text.isAlphanumeric($0) },
    "isdigit": all { [.digit, .decimal].contains($0.properties.numericType) },
    "isdecimal": all { $0.properties.numericType == .decimal },
    "isnumeric": all { $0.properties.numericType != nil },
    "isspace": all { Text.isSpace($0) },
    "isascii": check { $0.utf8.allSatisfy { $0 < 0x80 } },
    "isprintable": check { $0.unicodeScalars.allSatisfy(Text.isPrintable) },
    "islower": check { Text.isAll(lower: true, $0) },
    "isupper": check { Text.isAll(lower: false, $0) },
    "istitle": check { Text.isTitle($0) },
  ]

  /// A method without arguments that gives another text.
  private static func change(_ change: @escaping @Sendable (String) -> String) -> StringMethod {
    { _, text, _ in .string(change(text)) }
  }

  /// A method without arguments that tells something about the text.
  private static func check(_ check: @escaping @Sendable (String) -> Bool) -> StringMethod {
    { _, text, _ in .bool(check(text)) }
  }

  /// A method that tells something about every character, false where there is none.
  private static func all(_ test: @escaping @Sendable (Unicode.Scalar) -> Bool) -> StringMethod {
    check { !$0.isEmpty && $0.unicodeScalars.allSatisfy(test) }
  }
}
