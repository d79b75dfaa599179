/// The LZ4 block format: literals, and copies of what has been unpacked before
/// (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
enum LZ4 {
  private static let damage = Problem("the LZ4 data are damaged")

  /// Fills `output` with what the block `input` holds.
  static func unpack(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    var cursor = ByteCursor(input)
    var done = 0
    while cursor.count > 0 {
      let token = Int(try cursor.number(UInt8.self))
      let literals = try length(token >> 4, &cursor)
      guard literals <= output.count - done else { throw damage }
      UnsafeMutableRawBufferPointer(rebasing: output[done...]).copyMemory(from: try cursor.take(literals))
      done += literals
      // The last literals have no copy behind them.
      guard cursor.count > 0 else { break }
      let offset = Int(try cursor.number(UInt16.self))
      let count = try length(token & 15, &cursor) + 4
      guard offset > 0, offset <= done, count <= output.count - done else { throw damage }
      output.repeatBytes(count, from: done - offset, to: done)
      done += count
    }
    guard done == output.count else { throw PageUnpacker.length(done, output.count) }
  }

  /// The same where the blocks stand as Hadoop frames them, each behind its two lengths; a single block without these,
  /// as other writers put it, is read too.
  static func unpackFramed(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    do throws(Problem) {
      var (cursor, done) = (ByteCursor(input), 0)
      while cursor.count > 0 {
        let unpacked = Int(UInt32(bigEndian: try cursor.number(UInt32.self).littleEndian))
        let packed = Int(UInt32(bigEndian: try cursor.number(UInt32.self).littleEndian))
        guard unpacked <= output.count - done else { throw damage }
        let part = UnsafeMutableRawBufferPointer(rebasing: output[done..<done + unpacked])
        try unpack(try cursor.take(packed), into: part)
        done += unpacked
      }
      guard done == output.count else { throw PageUnpacker.length(done, output.count) }
    } catch {
      try unpack(input, into: output)
    }
  }

  /// A length of which a token holds the first four bits.
  private static func length(_ start: Int, _ cursor: inout ByteCursor) throws(Problem) -> Int {
    guard start == 15 else { return start }
    var length = start
    while true {
      let byte = try cursor.number(UInt8.self)
      length += Int(byte)
      if byte < 255 { return length }
    }
  }
}
