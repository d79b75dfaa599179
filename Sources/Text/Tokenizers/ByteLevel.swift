/// GPT-2's spelling of bytes as visible characters: printable Latin-1 stands for itself, the other 68 bytes are
/// written as U+0100 and up, in order; a space is `Ġ`.
enum ByteLevel {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var hidden: UInt32 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { hidden += 1 }
        return Unicode.Scalar(hidden) ?? Unicode.Scalar(byte)
      }
    }
  }()

  /// Writes each byte as its character.
  static func spell(_ bytes: Span<UInt8>) -> [UInt8] {
    let spelling = utf8
    var output: [UInt8] = []
    output.reserveCapacity(2 * bytes.count)
    for index in bytes.indices {
      let (first, second) = spelling[Int(bytes[index])]
      output.append(first)
      if second != 0 { output.append(second) }
    }
    return output
  }

  /// The UTF-8 of each byte's character; the second byte is 0 where there is only one.
  private static let utf8: [(UInt8, UInt8)] = characters.map { character in
    let units = Array(String(character).utf8)
    return (units[0], units.count > 1 ? units[1] : 0)
  }

  /// The byte of each character below U+0180, nil for characters that stand for none.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x180)
    for (byte, character) in characters.enumerated() { bytes[Int(character.value)] = UInt8(byte) }
    return bytes
  }()

  /// The bytes that a token spells; a token with a character that stands for no byte is taken literally.
  static func bytes(of token: [UInt8]) -> [UInt8] {
    let text = token.span
    var result: [UInt8] = []
    result.reserveCapacity(token.count)
    var index = 0
    while index < text.count {
      let (scalar, end) = text.scalar(at: index)
      guard scalar.value < 0x180, let byte = bytes[Int(scalar.value)] else { return token }
      result.append(byte)
      index = end
    }
    return result
  }
}
