import JSON

/// Values of fixed length, taken apart: all their first bytes, then all their second ones, … (encoding
/// BYTE_STREAM_SPLIT).
struct SplitBytes: PageValues {
  private let bytes: UnsafeRawBufferPointer
  private let count: Int
  private let width: Int
  private var index = 0
  private let value = PageMemory()

  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(Problem) {
    guard bytes.count.isMultiple(of: width) else {
      throw Problem("\(bytes.count) bytes do not hold whole values of \(width) bytes")
    }
    self.bytes = bytes
    self.width = width
    count = bytes.count / width
    try value.reserve(width)
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON {
    guard index < count else { throw Problem("the data end too early") }
    for part in 0..<width { value.bytes[part] = bytes[part * count + index] }
    index += 1
    var plain = PlainValues(value.prefix(width))
    return try plain.next(leaf)
  }
}
