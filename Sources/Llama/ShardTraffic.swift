import Dispatch
import ModelFiles
import Synchronization

/// What ranks that keep a model together send one another beside computing: pieces of work, each done once those before it are.
///
/// All ranks begin the same work in the same order, so that they never wait for one another crosswise.
final class ShardTraffic {
  private let queue = DispatchQueue(label: "shards")
  private let failure = Failure()
  /// The group that will be used next, and the work that fetches it.
  private var coming: (group: Architecture.Group, work: DispatchWorkItem)?

  private final class Failure: Sendable {
    let first = Mutex<(any Error)?>(nil)
  }

  /// Begins some work.
  @discardableResult func begin(_ work: @escaping @Sendable () throws -> Void) -> DispatchWorkItem {
    let item = DispatchWorkItem { [failure] in
      // Once this rank is out of step with the others, there is nothing to be done with them.
      guard failure.first.withLock({ $0 == nil }) else { return }
      do { try work() } catch { failure.first.withLock { $0 = error } }
    }
    queue.async(execute: item)
    return item
  }

  /// Begins to fetch the group that is used next.
  func expect(_ group: Architecture.Group, _ fetch: @escaping @Sendable () throws -> Void) {
    coming = (group, begin(fetch))
  }

  /// Returns once a group is there.
  /// - Throws: why it, or anything before it, could not be brought.
  func await(_ group: Architecture.Group, _ fetch: @escaping @Sendable () throws -> Void) throws {
    let work = coming?.group == group ? coming?.work : nil
    coming = nil
    (work ?? begin(fetch)).wait()
    try rethrow()
  }

  /// Returns once all that was begun is done.
  func finish() throws {
    begin {}.wait()
    try rethrow()
  }

  private func rethrow() throws { if let error = failure.first.withLock({ $0 }) { throw error } }
}
