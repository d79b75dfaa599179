import Foundation
import Reporting
import Synchronization

/// Ctrl-C in a chat: it stops the answer that is being written, and else says how to leave.
enum AnswerInterruption {
  /// Listens from now on, for the whole process.
  static func install() {
    // The handler may not initialize a global: that could allocate.
    _ = state.load(ordering: .relaxed)
    listen(to: [SIGINT], handle)
  }

  static func begin() { state.store(1, ordering: .relaxed) }
  static func end() { state.store(0, ordering: .relaxed) }
  /// Whether the answer is to stop.
  static var isRequested: Bool { state.load(ordering: .relaxed) == 2 }
}

/// 0 between answers, 1 while one is written, 2 where it is to stop.
private let state = Atomic<Int32>(0)

/// Does only what a signal handler may.
private func handle(_ signal: Int32) {
  guard !state.compareExchange(expected: 1, desired: 2, ordering: .relaxed).exchanged,
    state.load(ordering: .relaxed) == 0
  else { return }
  let code = errno
  let notice: StaticString = "\n(Ctrl-D leaves)\n> "
  _ = write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
  errno = code
}
