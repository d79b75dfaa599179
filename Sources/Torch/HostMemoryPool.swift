import Foundation
import Synchronization

/// Freed blocks that wait for their next use.
final class HostMemoryPool: Sendable {
  struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
  }

  /// Small blocks are not worth keeping: the system's allocator is good at them.
  private static let smallestKept = 1 << 16
  /// No more than this is kept idle; the oldest blocks are given back first.
  private static let mostIdle = 1 << 30

  private struct Idle {
    var blocks: [Block] = []
    var bytes = 0
  }

  private let idle = Mutex(Idle())

  /// The smallest kept block of at least `bytes`, unless it is more than a quarter too large.
  func take(_ bytes: Int) -> Block? {
    guard bytes >= Self.smallestKept else { return nil }
    return idle.withLock { idle in
      var best: Int?
      for (index, block) in idle.blocks.enumerated()
      where block.capacity >= bytes && block.capacity <= bytes + bytes / 4 {
        if best.map({ block.capacity < idle.blocks[$0].capacity }) ?? true { best = index }
      }
      guard let best else { return nil }
      idle.bytes -= idle.blocks[best].capacity
      return idle.blocks.remove(at: best)
    }
  }

  func put(_ block: Block) {
    guard block.capacity >= Self.smallestKept else { return free(block.base) }
    idle.withLock { idle in
      idle.blocks.append(block)
      idle.bytes += block.capacity
      while idle.bytes > Self.mostIdle, let oldest = idle.blocks.first {
        idle.blocks.removeFirst()
        idle.bytes -= oldest.capacity
        free(oldest.base)
      }
    }
  }
}
