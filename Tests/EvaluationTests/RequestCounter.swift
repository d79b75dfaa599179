import Synchronization

/// A count that requests share.
final class RequestCounter: Sendable {
  private let value = Mutex(0)

  /// The count with this one.
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
