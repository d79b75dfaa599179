/// Reads forward through bytes that it does not own, never beyond their end.
struct ByteCursor {
  private var position: UnsafeRawPointer?
  /// How many bytes are left.
  private(set) var count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    position = bytes.baseAddress
    count = bytes.count
  }

  /// Whatever is left.
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: position, count: count) }

  /// The next `count` bytes.
  mutating func take(_ wanted: Int) throws(Problem) -> UnsafeRawBufferPointer {
    guard wanted >= 0, wanted <= count else { throw Problem("the data end too early") }
    let taken = UnsafeRawBufferPointer(start: position, count: wanted)
    position = position.map { $0 + wanted }
    count -= wanted
    return taken
  }

  /// A little-endian number.
  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws(Problem) -> Number {
    Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  /// An unsigned number of seven bits a byte, the lowest first.
  mutating func varint() throws(Problem) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try number(UInt8.self)
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Problem("a number has too many digits")
  }

  /// A signed number, written as 0, −1, 1, −2, … counted from 0.
  mutating func zigzag() throws(Problem) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A length: an unsigned number that is at most `limit`.
  mutating func length(atMost limit: Int) throws(Problem) -> Int {
    let value = try varint()
    guard value <= UInt64(max(0, limit)) else { throw Problem("a length of \(value) is more than there can be") }
    return Int(value)
  }
}
