import Descriptors
import Foundation
import Synchronization

/// Writes lines in their order on a thread of its own, so that a log that nobody reads stops nothing. Where too many wait,
/// new ones are dropped, and counted.
public final class LogQueue: Sendable {
  /// The most bytes that wait.
  static let capacity = 4 << 20

  private let descriptor: Int32
  private let queue = DispatchQueue(label: "log")
  private let state = Mutex((bytes: 0, dropped: 0))

  /// A queue that writes to an open file.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Leaves a line to be written, in its turn.
  public func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    let isTaken = state.withLock { state in
      guard bytes.count <= Self.capacity - state.bytes else {
        state.dropped += 1
        return false
      }
      state.bytes += bytes.count
      return true
    }
    guard isTaken else { return }
    queue.async { [self] in
      let dropped = state.withLock { state in
        defer { state.dropped = 0 }
        return state.dropped
      }
      if dropped > 0 {
        put(Array("{\"level\": \"warning\", \"event\": \"entries lost\", \"count\": \(dropped)}\n".utf8))
      }
      put(bytes)
      state.withLock { $0.bytes -= bytes.count }
    }
  }

  /// Waits until what was left is written, but not for long.
  public func finish() {
    let group = DispatchGroup()
    queue.async(group: group) {}
    _ = group.wait(timeout: .now() + 1)
  }

  /// Writes bytes in one call as far as possible, so that lines of several programs do not mix.
  private func put(_ bytes: [UInt8]) {
    // What cannot be logged is no reason to stop.
    _ = writeAll(bytes, to: descriptor)
  }
}
