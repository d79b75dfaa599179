import Foundation

/// Memory that grows and is used again from page to page.
///
/// It is left uninitialized, so that a length which a file only claims costs nothing before bytes are written there.
final class PageMemory {
  private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { free(bytes.baseAddress) }

  /// Makes room for `count` bytes; those that were there stay.
  func reserve(_ count: Int) throws(Problem) {
    guard count > bytes.count else { return }
    guard let start = realloc(bytes.baseAddress, count) else { throw Problem("no memory for \(count) bytes") }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  /// The first `count` bytes, at most as many as there are.
  func prefix(_ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes.baseAddress, count: min(count, bytes.count))
  }
}
