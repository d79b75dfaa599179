import NIOCore
import Synchronization

/// Counts the connections that each client holds.
final class ConnectionCount: Sendable {
  private let maximum: Int
  private let counts = Mutex<[String: Int]>([:])

  init(maximum: Int) { self.maximum = maximum }

  /// Counts a connection; returns whether its client may have it.
  func enter(_ client: String) -> Bool {
    counts.withLock { counts in
      counts[client, default: 0] += 1
      return counts[client, default: 0] <= maximum
    }
  }

  func leave(_ client: String) {
    counts.withLock { counts in
      let left = (counts[client] ?? 0) - 1
      counts[client] = left > 0 ? left : nil
    }
  }
}
