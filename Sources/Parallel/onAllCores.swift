import Foundation
import Synchronization

/// Calls `work` with 0, 1, … `count` - 1, on all cores and in no order; returns when all is done.
///
/// Dispatch's `concurrentPerform` waits for ever where the system refuses it a thread, as under a limit of memory or of processes.
/// This goes on with the threads there are, the caller's own at least.
package func onAllCores(_ count: Int, _ work: @Sendable (Int) -> Void) {
  let helpers = min(count, ProcessInfo.processInfo.activeProcessorCount) - 1
  guard helpers > 0 else { return (0..<count).forEach(work) }
  withoutActuallyEscaping(work) { work in
    let queue = WorkQueue(count: count, work: work)
    let threads = (0..<helpers).compactMap { _ in startThread { queue.run() } }
    queue.run()
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// Work of which each thread takes the next piece when it is done with one.
private final class WorkQueue: Sendable {
  private let count: Int
  private let work: @Sendable (Int) -> Void
  private let next = Atomic(0)

  init(count: Int, work: @escaping @Sendable (Int) -> Void) { (self.count, self.work) = (count, work) }

  func run() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      work(index)
    }
  }
}
