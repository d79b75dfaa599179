import JSON

/// Integers as differences from one to the next, packed in blocks (encoding DELTA_BINARY_PACKED).
struct DeltaIntegers: PageValues {
  private var cursor: ByteCursor
  private let miniblockCount: Int
  private let miniblockLength: Int
  private var left: Int
  private var value: Int64
  private var isFirst = true
  private var smallestDelta: Int64 = 0
  private var widths: ArraySlice<UInt8> = []
  private var deltas = PackedBits(UnsafeRawBufferPointer(start: nil, count: 0), width: 0)
  private var leftInMiniblock = 0

  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    cursor = ByteCursor(bytes)
    let blockLength = try cursor.length(atMost: 1 << 30)
    miniblockCount = try cursor.length(atMost: 1 << 20)
    guard miniblockCount > 0, blockLength > 0, blockLength.isMultiple(of: 8 * miniblockCount) else {
      throw Problem("a delta block of \(blockLength) numbers in \(miniblockCount) parts is not allowed")
    }
    miniblockLength = blockLength / miniblockCount
    left = try cursor.length(atMost: Int(Int32.max))
    value = try cursor.zigzag()
  }

  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON {
    let value = try next()
    // 32-bit integers were subtracted with 32 bits, so that a difference may have wrapped around.
    return try leaf.json(leaf.physical == .int32 ? Int64(Int32(truncatingIfNeeded: value)) : value)
  }

  mutating func next() throws(Problem) -> Int64 {
    guard left > 0 else { throw Problem("the data hold fewer values than the page promises") }
    left -= 1
    if isFirst {
      isFirst = false
      return value
    }
    if leftInMiniblock == 0 { deltas = try nextMiniblock() }
    leftInMiniblock -= 1
    value &+= smallestDelta &+ Int64(bitPattern: try deltas.next())
    return value
  }

  /// What follows the last of the numbers, found without unpacking them.
  func bytesBehind() throws(Problem) -> UnsafeRawBufferPointer {
    var copy = self
    var left = copy.left - 1
    while left > 0 {
      _ = try copy.nextMiniblock()
      left -= miniblockLength
    }
    return copy.cursor.rest
  }

  private mutating func nextMiniblock() throws(Problem) -> PackedBits {
    if widths.isEmpty {
      smallestDelta = try cursor.zigzag()
      widths = ArraySlice(try cursor.take(miniblockCount))
    }
    let width = Int(widths.popFirst() ?? 0)
    guard width <= 64 else { throw Problem("numbers of \(width) bits are too wide") }
    leftInMiniblock = miniblockLength
    return PackedBits(try cursor.take(min(width * miniblockLength / 8, cursor.count)), width: width)
  }
}
