import Foundation
import Wording

/// How a rank waits for another: at first it asks again and again, then it sleeps between, and in the end it gives up.
struct Wait {
  private let limit: Duration
  private let start = ContinuousClock.now
  private var count = 0

  init(_ limit: Duration) { self.limit = limit }

  /// Lets some time pass.
  /// - Throws: `CollectiveError` naming the rank that did not come, where it is known, once the limit is reached.
  mutating func again(for rank: Int?) throws {
    count += 1
    guard count > 200 else {
      sched_yield()
      return
    }
    usleep(count < 2000 ? 50 : 1000)
    guard count.isMultiple(of: 16), ContinuousClock.now - start > limit else { return }
    throw Self.tooLong(for: rank, limit)
  }

  static func tooLong(for rank: Int?, _ limit: Duration) -> CollectiveError {
    let other = rank.map { "rank \($0)" } ?? "another rank"
    return CollectiveError(
      "waited \(limit.components.seconds) s for \(other): it hangs, or is slower than \(setting: "collective-timeout") allows"
    )
  }
}
