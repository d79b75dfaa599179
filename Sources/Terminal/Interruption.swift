import Foundation
import Synchronization

/// Ctrl-C, `kill`, a terminal that is closed, a pager that is left: the first asks the training loop to finish its step and
/// save, a second signal ends the process.
public enum Interruption {
  /// Listens to SIGINT, SIGTERM and SIGHUP from now on, and outlives a closed pipe, for the whole process. Calling it again
  /// changes nothing. SIGHUP and SIGPIPE stay ignored where the parent ignores them, as `nohup` does.
  /// - Parameters:
  ///   - others: other signals that ask the same.
  ///   - silently: whether the first says nothing, as where it comes to several processes.
  public static func install(also others: [Int32] = [], silently: Bool = false) {
    // The handler may not initialize a global: that could allocate.
    _ = received.load(ordering: .relaxed)
    if silently { isSilent.store(true, ordering: .relaxed) }
    _ = isSilent.load(ordering: .relaxed)
    listen(to: (isIgnored(SIGHUP) ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]) + others, handle)
    guard !isIgnored(SIGPIPE) else { return }
    endsWithReader.store(true, ordering: .relaxed)
    signal(SIGPIPE, SIG_IGN)
  }

  /// To be told where nobody reads what is written any more.
  static func readerIsGone() {
    guard endsWithReader.load(ordering: .relaxed) else { return }
    _ = received.compareExchange(expected: 0, desired: SIGPIPE, ordering: .relaxed)
  }

  /// Whether the run was asked to stop. The training loop looks after every step.
  public static var isRequested: Bool {
    // Between two lines of progress can lie a minute, in which a pager that was left would not be noticed.
    var standardError = pollfd(fd: STDERR_FILENO, events: 0, revents: 0)
    if poll(&standardError, 1, 0) == 1, standardError.revents & Int16(POLLERR) != 0 { readerIsGone() }
    return received.load(ordering: .relaxed) != 0
  }

  /// The exit status for a run that stopped because it was asked to: 130 after SIGINT, 143 after SIGTERM, 129 after
  /// SIGHUP, 141 after a closed pipe; nil where it was not asked.
  public static var exitCode: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : 128 + signal
  }
}

/// The first signal that came, or 0.
private let received = Atomic<Int32>(0)
/// Whether a closed pipe would have ended the process, had it not been asked to outlive that.
private let endsWithReader = Atomic<Bool>(false)

/// Whether the first signal is answered without a word.
private let isSilent = Atomic<Bool>(false)

/// Does only what a signal handler may: atomics, `write`, and `_exit`.
private func handle(_ signal: Int32) {
  guard received.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged else {
    _exit(128 + signal)
  }
  guard !isSilent.load(ordering: .relaxed) else { return }
  let code = errno
  let notice: StaticString = "\nfinishing this step, then saving; once more to stop at once\n"
  _ = write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
  errno = code
}
