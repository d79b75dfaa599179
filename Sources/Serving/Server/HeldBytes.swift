import Foundation
import Synchronization

/// Bounds the memory of all requests' bodies together.
final class HeldBytes: Sendable {
  private let capacity: Int
  /// The bytes that are held, and those that were given back since freed memory was last returned.
  private let bytes = Mutex((held: 0, released: 0))

  init(capacity: Int) { self.capacity = capacity }

  /// The bytes that are held.
  var count: Int { bytes.withLock(\.held) }

  /// Takes room for more bytes, to be given back with `release`.
  func hold(_ count: Int) throws(APIError) {
    let isThere = bytes.withLock { bytes in
      guard count <= capacity - bytes.held else { return false }
      bytes.held += count
      return true
    }
    guard isThere else {
      throw APIError(
        status: .serviceUnavailable, message: "the server holds as many requests as it can; try again soon",
        code: "memory_full", retryAfter: 2)
    }
  }

  /// Gives room back.
  func release(_ count: Int) {
    let isMuchFree = bytes.withLock { bytes in
      bytes.held -= count
      bytes.released += count
      guard bytes.held == 0, bytes.released >= 16 << 20 else { return false }
      bytes.released = 0
      return true
    }
    guard isMuchFree else { return }
    Task {
      // The connections' own buffers go a little later.
      try? await Task.sleep(for: .seconds(1))
      returnFreedMemory()
    }
  }
}

/// Gives memory that was freed back to the system, where the C library keeps it: training and answering have it kept, since they
/// use it again at each step.
private func returnFreedMemory() {
  typealias Trim = @convention(c) (Int) -> Int32
  guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_trim") else { return }
  _ = unsafeBitCast(symbol, to: Trim.self)(0)
}
