import Foundation
import Parallel

/// Does some work on a thread of its own, on which writing to a pipe or a connection that nobody reads is an error, not
/// the program's end.
/// - Throws: `RewardError` where the system has no thread for it.
func withoutBrokenPipes<Result: Sendable>(_ work: @Sendable () -> Result) throws(RewardError) -> Result {
  let result = withoutActuallyEscaping(work) { work -> Result? in
    let box = Box<Result>()
    let thread = startThread {
      blockBrokenPipes()
      box.value = work()
    }
    guard let thread else { return nil }
    pthread_join(thread, nil)
    return box.value
  }
  guard let result else { throw RewardError("the system has no thread to ask for rewards; end other programs") }
  return result
}

/// Makes writing to a pipe or a connection that nobody reads an error on this thread, not the program's end.
func blockBrokenPipes() {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
}

/// What a thread leaves for the one that joins it.
private final class Box<Value: Sendable>: @unchecked Sendable {
  var value: Value?
}
