import Synchronization

/// Bounds the memory of all requests' bodies together.
final class HeldBytes: Sendable {
  private let capacity: Int
  private let held = Mutex(0)

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

  func release(_ count: Int) { held.withLock { $0 -= count } }
}
