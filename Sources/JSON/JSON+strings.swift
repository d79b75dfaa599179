extension JSONParser {
  /// Reads a string in quotes. Text without escapes, the usual case, is copied in one piece.
  mutating func string() throws(JSONError) -> String {
    position += 1
    var start = position
    var text = ""
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let piece = try utf8(start..<position)
        position += 1
        return text.isEmpty ? piece : text + piece
      case UInt8(ascii: "\\"):
        // Appended in place: a copy at each escape would make long texts quadratic.
        text += try utf8(start..<position)
        text.unicodeScalars.append(try escape())
        start = position
      case 0..<0x20:
        throw error("a control character in a string must be written as an escape")
      default:
        position += 1
      }
    }
    throw error("the text ends inside a string")
  }

  private func utf8(_ range: Range<Int>) throws(JSONError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw error("the string is not valid UTF-8")
    }
    return text
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    position += 1
    guard let byte = peek else { throw error("the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("an unknown escape in a string")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A code point above U+FFFF is written as two surrogates.
    guard first < 0xDC00, take("\\"), take("u") else { throw error("a lone surrogate in a string") }
    let second = try fourHexDigits()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("a lone surrogate in a string") }
    return scalar
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits were expected") }
    position += 4
    return value
  }
}
