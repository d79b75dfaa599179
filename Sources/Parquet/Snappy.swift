/// Google's Snappy format: literals, and copies of what has been unpacked before
/// (https://github.com/google/snappy/blob/main/format_description.txt).
enum Snappy {
  /// Fills `output` with what `input` holds.
  static func unpack(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    var cursor = ByteCursor(input)
    let promised = try cursor.varint()
    guard promised == UInt64(output.count) else { throw PageUnpacker.length(Int(clamping: promised), output.count) }
    guard let start = output.baseAddress else { return }
    let damage = Problem("the Snappy data are damaged")
    var done = 0
    while cursor.count > 0 {
      let tag = try cursor.number(UInt8.self)
      let length: Int
      let offset: Int
      switch tag & 3 {
      case 0:
        length = try literalLength(tag, &cursor)
        guard length <= output.count - done else { throw damage }
        let literal = try cursor.take(length)
        if let source = literal.baseAddress { (start + done).copyMemory(from: source, byteCount: length) }
        done += length
        continue
      case 1:
        length = Int(tag >> 2 & 7) + 4
        offset = Int(tag >> 5) << 8 | Int(try cursor.number(UInt8.self))
      case 2:
        length = Int(tag >> 2) + 1
        offset = Int(try cursor.number(UInt16.self))
      default:
        length = Int(tag >> 2) + 1
        offset = Int(try cursor.number(UInt32.self))
      }
      guard offset > 0, offset <= done, length <= output.count - done else { throw damage }
      output.repeatBytes(length, from: done - offset, to: done)
      done += length
    }
    guard done == output.count else { throw PageUnpacker.length(done, output.count) }
  }

  private static func literalLength(_ tag: UInt8, _ cursor: inout ByteCursor) throws(Problem) -> Int {
    switch tag >> 2 {
    case 60: Int(try cursor.number(UInt8.self)) + 1
    case 61: Int(try cursor.number(UInt16.self)) + 1
    case 62: Int(try cursor.number(UInt16.self)) + Int(try cursor.number(UInt8.self)) << 16 + 1
    case 63: Int(try cursor.number(UInt32.self)) + 1
    case let length: Int(length) + 1
    }
  }
}
