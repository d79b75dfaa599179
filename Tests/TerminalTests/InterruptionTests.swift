import Foundation
import Reporting
import Terminal
import Testing

@Suite struct InterruptionTests {
  @Test func theFirstSignalAsksToStop() async {
    let result = await #expect(processExitsWith: .exitCode(143), observing: [\.standardErrorContent]) {
      Interruption.install()
      Interruption.install()
      precondition(!Interruption.isRequested && Interruption.exitCode == nil)
      send(SIGTERM)
      exit(Interruption.exitCode ?? 0)
    }
    let shown = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) }
    #expect(shown == "\nfinishing this step, then saving; once more to stop at once\n")
  }

  @Test func whatTheParentIgnoresStaysIgnored() async {
    await #expect(processExitsWith: .success) {
      signal(SIGHUP, SIG_IGN)
      Interruption.install()
      kill(getpid(), SIGHUP)
      usleep(100_000)
      exit(Interruption.exitCode ?? 0)
    }
    await #expect(processExitsWith: .exitCode(129)) {
      signal(SIGHUP, SIG_DFL)
      Interruption.install()
      send(SIGHUP)
      exit(Interruption.exitCode ?? 0)
    }
  }

  @Test func theSecondSignalStopsAtOnce() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interruption.install()
      send(SIGTERM)
      send(SIGINT)
      sleep(10)
      exit(0)
    }
  }
}

/// Sends a signal to the whole process, as `kill` and Ctrl-C do, and waits until one has arrived.
private func send(_ signal: Int32) {
  kill(getpid(), signal)
  for _ in 0..<1000 where !Interruption.isRequested { usleep(10_000) }
}
