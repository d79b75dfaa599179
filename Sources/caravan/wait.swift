import Foundation
import Synchronization

/// Waits for asynchronous work in a command, which is not.
func wait<Result: Sendable>(for work: @escaping @Sendable () async throws -> Result) throws -> Result {
  final class Outcome: Sendable {
    let value = Mutex<Swift.Result<Result, any Error>?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }
  let outcome = Outcome()
  Task.detached {
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await work()) } catch { result = .failure(error) }
    outcome.value.withLock { $0 = result }
    outcome.isThere.signal()
  }
  outcome.isThere.wait()
  guard let result = outcome.value.withLock(\.self) else { throw CancellationError() }
  return try result.get()
}
