import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collectives

/// Runs a body on some ranks at once: threads that are connected by TCP as processes are.
func together(
  _ count: Int, port: Int = anyPort(), timeLimit: Duration = .seconds(30),
  _ body: @escaping @Sendable (any Communicator) throws -> Void
) throws {
  guard count > 1 else { return try body(OneProcess()) }
  let failures = Mutex<[String]>([])
  let group = DispatchGroup()
  for rank in 0..<count {
    let thread = Thread {
      defer { group.leave() }
      do {
        let launch = try Launch([
          "RANK": "\(rank)", "WORLD_SIZE": "\(count)", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)",
          "TORCHELASTIC_RUN_ID": "a test",
        ])
        try body(
          SocketProcess(launch, meetingAt: "127.0.0.1", port: port, run: "a test", timeLimit: timeLimit))
      } catch { failures.withLock { $0.append("rank \(rank): \(error)") } }
    }
    group.enter()
    thread.start()
  }
  group.wait()
  #expect(failures.withLock { $0 }.isEmpty, "\(failures.withLock { $0 })")
}
