import Foundation

/// What is sent to a server: bytes, or a part of an open file.
enum HTTPBody: Sendable {
  case bytes([UInt8])
  case file(FileHandle, Range<Int>)

  /// How many bytes it has.
  var count: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .file(_, let range): range.count
    }
  }

  /// Copies bytes from the place `start` on, as many as there is room for.
  /// - Returns: how many; nil where the file cannot be read, or has become shorter.
  func copy(from start: Int, to buffer: UnsafeMutableRawBufferPointer) -> Int? {
    let wanted = min(buffer.count, count - start)
    guard wanted > 0 else { return 0 }
    switch self {
    case .bytes(let bytes):
      buffer.copyBytes(from: bytes[start..<start + wanted])
      return wanted
    case .file(let file, let range):
      let read = pread(file.fileDescriptor, buffer.baseAddress, wanted, off_t(range.lowerBound + start))
      return read > 0 ? read : nil
    }
  }
}
