import Foundation
import Synchronization

/// Freed blocks that wait for their next use.
///
/// The pool never makes the process larger than its largest need: before new memory is asked for, idle blocks are given
/// back until everything, idle or not, is within the most that was ever in use at once.
final class HostMemoryPool: Sendable {
  struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
  }

  /// Small blocks are not worth keeping: the system's allocator is good at them.
  static let smallestKept = 1 << 16

  private struct State {
    var idle: [Block] = []
    var idleBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0
  }

  private let state = Mutex(State())

  /// The smallest idle block of at least `bytes`, unless it is more than twice as large; nil where there is none, and
  /// then there is room for a new one.
  func take(_ bytes: Int) -> Block? {
    guard bytes >= Self.smallestKept else { return nil }
    return state.withLock { state in
      let fitting = state.idle.indices.filter {
        state.idle[$0].capacity >= bytes && state.idle[$0].capacity <= 2 * bytes
      }
      let best = fitting.min { state.idle[$0].capacity < state.idle[$1].capacity }
      let block = best.map { state.idle.remove(at: $0) }
      state.usedBytes += block?.capacity ?? bytes
      state.idleBytes -= block?.capacity ?? 0
      state.mostUsedBytes = max(state.mostUsedBytes, state.usedBytes)
      while block == nil, state.usedBytes + state.idleBytes > state.mostUsedBytes, let oldest = state.idle.first {
        state.idle.removeFirst()
        state.idleBytes -= oldest.capacity
        free(oldest.base)
      }
      return block
    }
  }

  /// Takes a block back.
  func put(_ block: Block) {
    guard block.capacity >= Self.smallestKept else { return free(block.base) }
    state.withLock { state in
      state.idle.append(block)
      state.idleBytes += block.capacity
      state.usedBytes -= block.capacity
    }
  }
}
