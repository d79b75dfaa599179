import Foundation
import Inference
import Testing

@Suite struct ComputeThreadTests {
  private struct Failure: Error {}

  @Test func workIsDoneOnOneThreadAndItsErrorsComeBack() throws {
    let threads = try (0..<200).map { _ in try ComputeThread.shared.perform { "\(pthread_self())" } }
    #expect(Set(threads).count == 1)
    #expect(throws: Failure.self) { try ComputeThread.shared.perform { throw Failure() } }
  }
}
