import JSON

/// Byte strings: first all their lengths, then all their bytes (encoding DELTA_LENGTH_BYTE_ARRAY).
struct DeltaLengthBytes: PageValues {
  private var lengths: DeltaIntegers
  private var cursor: ByteCursor

  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    lengths = try DeltaIntegers(bytes)
    cursor = ByteCursor(try lengths.bytesBehind())
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON { try leaf.json(try next()) }

  mutating func next() throws(Problem) -> UnsafeRawBufferPointer {
    try cursor.take(Int(truncatingIfNeeded: try lengths.next()))
  }
}

/// Byte strings that begin as the one before them does: the lengths of what they share, then the rest of each (encoding
/// DELTA_BYTE_ARRAY).
struct DeltaBytes: PageValues {
  private var sharedLengths: DeltaIntegers
  private var endings: DeltaLengthBytes
  private let previous = PageMemory()
  private var previousCount = 0

  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    sharedLengths = try DeltaIntegers(bytes)
    endings = try DeltaLengthBytes(try sharedLengths.bytesBehind())
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON {
    let shared = Int(truncatingIfNeeded: try sharedLengths.next())
    guard 0...previousCount ~= shared else { throw Problem("a value shares more than the one before it has") }
    let ending = try endings.next()
    let count = shared + ending.count
    if count > previous.bytes.count { try previous.reserve(max(count, 2 * previous.bytes.count)) }
    if !ending.isEmpty {
      UnsafeMutableRawBufferPointer(rebasing: previous.bytes[shared..<count]).copyMemory(from: ending)
    }
    previousCount = count
    let value = previous.prefix(count)
    guard leaf.physical == .byteArray || count == leaf.width else {
      throw Problem("a value has \(count) bytes, not \(leaf.width)")
    }
    return try leaf.json(value)
  }
}
