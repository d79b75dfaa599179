/// Numbers of a few bits each, as runs of one number and as runs of packed ones (Parquet's "RLE/bit-packing hybrid").
struct Runs {
  private var cursor: ByteCursor
  private let width: Int
  private var left = 0
  private var repeated: UInt32 = 0
  private var packed: PackedBits?

  /// - Parameter width: bits a number; more than 32 are refused.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(Problem) {
    guard 0...32 ~= width else { throw Problem("numbers of \(width) bits are too wide") }
    cursor = ByteCursor(bytes)
    self.width = width
  }

  mutating func next() throws(Problem) -> UInt32 {
    while left == 0 { try startRun() }
    left -= 1
    return packed == nil ? repeated : UInt32(truncatingIfNeeded: try packed?.next() ?? 0)
  }

  private mutating func startRun() throws(Problem) {
    let head = try cursor.varint()
    let count = Int(clamping: head >> 1)
    guard count <= Int(Int32.max) else { throw Problem("a run of \(count) numbers is too long") }
    if head & 1 == 1 {
      left = count * 8
      // Some writers leave out what is not needed of the last run.
      packed = PackedBits(try cursor.take(min(count * width, cursor.count)), width: width)
    } else {
      left = count
      packed = nil
      repeated = 0
      for index in 0..<(width + 7) / 8 { repeated |= UInt32(try cursor.number(UInt8.self)) << UInt32(8 * index) }
    }
  }
}
