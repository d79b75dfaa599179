import Synchronization

/// Counts the answers that are under way or waiting, and refuses more than there is room for.
final class Admission: Sendable {
  let capacity: Int
  private let taken = Mutex(0)

  init(capacity: Int) { self.capacity = capacity }

  /// The answers under way or waiting.
  var count: Int { taken.withLock(\.self) }

  /// Takes room for `count` answers, to be given back with `leave`.
  func enter(_ count: Int) throws(APIError) {
    guard count <= capacity else {
      throw .invalid("\(count) answers are wanted at once, but this server gives at most \(capacity)", field: "n")
    }
    let isAdmitted = taken.withLock { taken in
      guard taken + count <= capacity else { return false }
      taken += count
      return true
    }
    guard isAdmitted else {
      throw APIError(
        status: .tooManyRequests, message: "the server is busy; try again soon", code: "queue_full", retryAfter: 2)
    }
  }

  func leave(_ count: Int) { taken.withLock { $0 -= count } }
}
