import JSON

/// Values one behind the other, each as its type is stored (encoding PLAIN).
struct PlainValues: PageValues {
  private var cursor: ByteCursor
  private var bits: PackedBits

  init(_ bytes: UnsafeRawBufferPointer) {
    cursor = ByteCursor(bytes)
    bits = PackedBits(bytes, width: 1)
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON {
    switch leaf.physical {
    case .boolean: return .bool(try bits.next() == 1)
    case .int32: return try leaf.json(Int64(try cursor.number(Int32.self)))
    case .int64: return try leaf.json(try cursor.number(Int64.self))
    case .float: return .number(Double(Float(bitPattern: try cursor.number(UInt32.self))))
    case .double: return .number(Double(bitPattern: try cursor.number(UInt64.self)))
    case .byteArray: return try leaf.json(try cursor.take(Int(try cursor.number(UInt32.self))))
    case .int96, .fixedLengthByteArray: return try leaf.json(try cursor.take(leaf.width))
    }
  }
}

/// Truth values as runs of bits, with their length before them (encoding RLE).
struct BooleanRuns: PageValues {
  private var runs: Runs

  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var cursor = ByteCursor(bytes)
    let length = Int(try cursor.number(UInt32.self))
    runs = try Runs(try cursor.take(length), width: 1)
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON { .bool(try runs.next() == 1) }
}
