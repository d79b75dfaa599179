extension JSON {
  /// The value as text on one line, with a space after `,` and `:` as Python's `json.dumps` writes it; all text that
  /// JSON allows is left unescaped.
  public var text: String {
    var output = ""
    write(to: &output, indent: nil)
    return output
  }

  /// The value as text over several lines, indented by two spaces, as Hugging Face's files are.
  public var prettyText: String {
    var output = ""
    write(to: &output, indent: 0)
    return output
  }

  private func write(to output: inout String, indent: Int?) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .number(let value): output += Self.text(of: value)
    case .string(let value): Self.write(value, to: &output)
    case .array(let elements):
      Self.write(elements, "[", "]", to: &output, indent: indent) { element, output, indent in
        element.write(to: &output, indent: indent)
      }
    case .object(let members):
      Self.write(members, "{", "}", to: &output, indent: indent) { member, output, indent in
        Self.write(member.key, to: &output)
        output += ": "
        member.value.write(to: &output, indent: indent)
      }
    }
  }

  private static func write<Items: Collection>(
    _ items: Items, _ open: String, _ close: String, to output: inout String, indent: Int?,
    item write: (Items.Element, inout String, Int?) -> Void
  ) {
    output += open
    var isFirst = true
    for item in items {
      if !isFirst { output += indent == nil ? ", " : "," }
      isFirst = false
      if let indent { output += "\n" + String(repeating: "  ", count: indent + 1) }
      write(item, &output, indent.map { $0 + 1 })
    }
    if let indent, !isFirst { output += "\n" + String(repeating: "  ", count: indent) }
    output += close
  }

  private static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return "\(value)"
  }

  /// Adds a string in quotes, with the escapes that JSON asks for; where `isASCII`, all else than ASCII is escaped too.
  package static func write(_ text: String, isASCII: Bool = false, to output: inout String) {
    output += "\""
    if isASCII {
      writeScalars(text[...], isASCII: true, to: &output)
    } else {
      // Text between escapes is copied in one piece.
      var rest = text[...]
      while let escape = rest.utf8.firstIndex(where: {
        $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
      }) {
        output += rest[..<escape]
        let next = rest.utf8.index(after: escape)
        writeScalars(rest[escape..<next], isASCII: false, to: &output)
        rest = rest[next...]
      }
      output += rest
    }
    output += "\""
  }

  private static func writeScalars(_ text: Substring, isASCII: Bool, to output: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{8}": output += "\\b"
      case "\u{C}": output += "\\f"
      case _ where scalar.value < 0x20 || isASCII && !scalar.isASCII:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: output.unicodeScalars.append(scalar)
      }
    }
  }
}
