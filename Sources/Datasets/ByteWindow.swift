/// A part of a file that moves from its start to its end and grows as far as one record needs.
final class ByteWindow {
  private let file: FileBytes
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var range = 0..<0
  private var isAtEnd = false

  /// Opens the file, looks at its beginning, and passes over a byte-order mark.
  init(path: String) throws(DatasetError) {
    file = try FileBytes(path: path)
    while range.count < FileKind.telling, try readMore() {}
    if buffer[range].starts(with: [0xEF, 0xBB, 0xBF]) { range = 3..<range.upperBound }
  }

  /// How many bytes of the file, as it lies on the disk, have been read.
  var position: Int { file.position }

  /// What the file is packed with.
  var packing: Packing? { file.packing }

  /// How many bytes the window holds.
  var count: Int { range.count }

  /// Moves the end of the window on; false where the file ends.
  func readMore() throws(DatasetError) -> Bool {
    guard !isAtEnd else { return false }
    if range.upperBound == buffer.count {
      if range.lowerBound > buffer.count / 2 {
        buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
        range = 0..<range.count
      } else {
        buffer += [UInt8](repeating: 0, count: buffer.count)
      }
    }
    let free = range.upperBound..<buffer.count
    let result = buffer.withUnsafeMutableBytes { bytes in
      Result { () throws(DatasetError) in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[free]))
      }
    }
    let count = try result.get()
    range = range.lowerBound..<range.upperBound + count
    isAtEnd = count == 0
    return count > 0
  }

  /// Moves the start of the window over its first `count` bytes and returns them.
  func take(_ count: Int) -> ArraySlice<UInt8> {
    let taken = buffer[range.prefix(count)]
    range = range.lowerBound + taken.count..<range.upperBound
    return taken
  }

  /// The bytes of the window from the one numbered `offset` on.
  func withBytes<Result>(from offset: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range.dropFirst(offset)])) }
  }

  /// Moves the start of the window over white space; returns how many newlines that were.
  func skipSpace() throws(DatasetError) -> Int {
    var lines = 0
    while true {
      for byte in buffer[range] {
        guard byte.isSpace else { return lines }
        if byte == UInt8(ascii: "\n") { lines += 1 }
        range = range.lowerBound + 1..<range.upperBound
      }
      guard try readMore() else { return lines }
    }
  }

  /// Moves the start of the window over lines of nothing but white space; returns how many those were.
  func skipBlankLines() throws(DatasetError) -> Int {
    var lines = 0
    while true {
      let blank = buffer[range].prefix { $0.isSpace }
      let whole = blank.lastIndex(of: UInt8(ascii: "\n")).map { blank[...$0] } ?? []
      lines += whole.count { $0 == UInt8(ascii: "\n") }
      range = range.lowerBound + whole.count..<range.upperBound
      // A line that only begins with white space is not for this to take, however long that is.
      guard blank.count == whole.count, range.isEmpty, try readMore() else { return lines }
    }
  }

  /// The first byte that is no white space, of those in the window.
  var firstByte: UInt8? { buffer[range].first { !$0.isSpace } }

  /// The first byte in the window; nil at the end of the file.
  func peek() throws(DatasetError) -> UInt8? {
    if range.isEmpty { _ = try readMore() }
    return buffer[range].first
  }
}
