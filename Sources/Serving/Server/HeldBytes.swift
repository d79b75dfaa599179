import Foundation
import Synchronization

/// Bounds the memory of all requests' bodies together.
final class HeldBytes: Sendable {
  private let capacity: Int
  private let held = Mutex(0)
  /// What was held since freed memory was last returned.
  private let passed = Atomic(0)

  init(capacity: Int) { self.capacity = capacity }

  /// The bytes that are held.
  var count: Int { held.withLock(\.self) }

  /// Takes room for more bytes, to be given back with `release`.
  func hold(_ count: Int) throws(APIError) {
    let isThere = held.withLock { held in
      guard count <= capacity - held else { return false }
      held += count
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
    let isEmpty = held.withLock { held in
      held -= count
      return held == 0
    }
    let passed = passed.wrappingAdd(count, ordering: .relaxed).newValue
    guard isEmpty, passed >= 16 << 20, self.passed.exchange(0, ordering: .relaxed) >= 16 << 20 else { return }
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
