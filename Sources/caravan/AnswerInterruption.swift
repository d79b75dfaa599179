import Foundation
import Reporting
import Synchronization
import Terminal

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
  /// Whether Ctrl-C came since the last answer, or since this was last asked.
  static func takeIdle() -> Bool { state.compareExchange(expected: 3, desired: 0, ordering: .relaxed).exchanged }
  /// Whether the answer is to stop.
  static var isRequested: Bool { state.load(ordering: .relaxed) == 2 }
}

/// 0 between answers, 1 while one is written, 2 where it is to stop, 3 where Ctrl-C came between answers.
private let state = Atomic<Int32>(0)

/// Does only what a signal handler may.
private func handle(_ signal: Int32) {
  let isAnswering = state.compareExchange(expected: 1, desired: 2, ordering: .relaxed)
  if !isAnswering.exchanged, isAnswering.original == 0 { state.store(3, ordering: .relaxed) }
}
