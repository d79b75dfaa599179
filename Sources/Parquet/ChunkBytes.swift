/// The bytes of a column chunk, read from the file a window at a time.
final class ChunkBytes {
  /// How much is read at once, at least.
  private static let step = 1 << 17

  private let file: InputFile
  private let memory = PageMemory()
  /// What the memory holds that has not been taken.
  private var buffered = 0..<0
  /// What of the chunk has not been read.
  private var unread: Range<Int>

  init(_ file: InputFile, range: Range<Int>) throws(Problem) {
    guard range.lowerBound >= 0, range.upperBound <= file.count else {
      throw Problem("the column lies beyond the end of the file: the file was cut off, or its footer is damaged")
    }
    self.file = file
    unread = range
  }

  /// How many bytes of the chunk have not been taken.
  var count: Int { buffered.count + unread.count }

  /// Looks at the next `count` bytes, or at more of them, or at all that are left. They stay in place until the next
  /// call.
  func peek(_ wanted: Int) throws(Problem) -> UnsafeRawBufferPointer {
    if buffered.count < min(wanted, count) { try fill(wanted) }
    return UnsafeRawBufferPointer(rebasing: memory.bytes[buffered])
  }

  /// Takes the next `count` bytes, which stay in place until the next call.
  func take(_ wanted: Int) throws(Problem) -> UnsafeRawBufferPointer {
    guard wanted >= 0, wanted <= count else { throw Problem("a page is longer than its column") }
    let bytes = try peek(wanted)
    buffered = buffered.lowerBound + wanted..<buffered.upperBound
    return UnsafeRawBufferPointer(rebasing: bytes.prefix(wanted))
  }

  private func fill(_ wanted: Int) throws(Problem) {
    let held = buffered.count
    if held > 0 {
      memory.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[buffered]))
    }
    buffered = 0..<held
    let more = min(max(wanted, Self.step) - held, unread.count)
    try memory.reserve(held + more)
    try file.read(
      at: unread.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[held..<held + more]))
    unread = unread.lowerBound + more..<unread.upperBound
    buffered = 0..<held + more
  }
}
