import Foundation

/// A whole file mapped into memory for reading. Pages are read from the disk when they are first touched.
final class MappedFile: Sendable {
  let path: String
  // Never written to, and unmapped only when the last owner is gone.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`, which must be a regular file; symbolic links are followed.
  init(_ path: String) throws {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelFileError.system(path, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ModelFileError.system(path, "cannot be read") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ModelFileError(path, "is not a file") }
    self.path = path
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw ModelFileError.system(path, "cannot be mapped into memory")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// Asks the system to read bytes ahead of their use, as far as the file has them. Pages that are only touched come a few at a
  /// time, while the disk waits for whoever works with them.
  func askAhead(at offset: Int, count: Int) {
    // It is advice: nothing is lost where it is not taken.
    if let (start, count) = pages(at: offset, count: count) { _ = madvise(start, count, MADV_WILLNEED) }
  }

  /// Takes bytes that have been used off the process's memory. They come back from the file where they are asked for again.
  func release(at offset: Int, count: Int) {
    if let (start, count) = pages(at: offset, count: count) { _ = madvise(start, count, MADV_DONTNEED) }
  }

  /// The pages that hold the bytes, as far as the file has them.
  private func pages(at offset: Int, count: Int) -> (UnsafeMutableRawPointer, Int)? {
    guard let start = bytes.baseAddress, offset < bytes.count, count > 0 else { return nil }
    let first = offset / Int(getpagesize()) * Int(getpagesize())
    return (UnsafeMutableRawPointer(mutating: start + first), min(count, bytes.count - offset) + offset - first)
  }

  /// The bytes in `range`; nil where it reaches beyond the file.
  func slice(at offset: Int, count: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// The little-endian number of type `Number` at `offset`; nil where it reaches beyond the file.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number? {
    guard let bytes = slice(at: offset, count: MemoryLayout<Number>.size) else { return nil }
    return Number(littleEndian: bytes.loadUnaligned(as: Number.self))
  }
}
