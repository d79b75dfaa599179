import Foundation
import Synchronization

/// Ctrl-C and `kill`: the first signal asks the training loop to finish its step and save, the second ends the process.
public enum Interruption {
  /// Listens to SIGINT and SIGTERM from now on, for the whole process. Calling it again changes nothing.
  public static func install() {
    // The handler may not initialize a global: that could allocate.
    _ = received.load(ordering: .relaxed)
    listen(to: [SIGINT, SIGTERM], handle)
  }

  /// Whether the run was asked to stop. The training loop looks after every step.
  public static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit status for a run that stopped because it was asked to: 130 after SIGINT, 143 after SIGTERM; nil where
  /// it was not asked.
  public static var exitCode: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : 128 + signal
  }
}

/// The first signal that came, or 0.
private let received = Atomic<Int32>(0)

/// Does only what a signal handler may: atomics, `write`, and `_exit`.
private func handle(_ signal: Int32) {
  guard received.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged else {
    _exit(128 + signal)
  }
  let code = errno
  let notice: StaticString = "\nfinishing this step, then saving; once more to stop at once\n"
  _ = write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
  errno = code
}
