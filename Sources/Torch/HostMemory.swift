import Foundation

/// A block of the CPU's memory, given back to a pool when nothing uses it any more.
///
/// A training step asks for the same large blocks again and again. Taking them from the system each time would cost a
/// page fault and a cleared page every 4 KiB, which is a tenth of a step; so freed blocks are kept for the next request.
final class HostMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let capacity: Int

  private init(base: UnsafeMutableRawPointer, capacity: Int) {
    self.base = base
    self.capacity = capacity
  }

  /// A block of at least `bytes` bytes, aligned to 64, its content undefined.
  static func take(_ bytes: Int) throws -> HostMemory {
    let capacity = max(64, (bytes + 63) & ~63)
    if let kept = pool.take(capacity) { return HostMemory(base: kept.base, capacity: kept.capacity) }
    var memory: UnsafeMutableRawPointer?
    // Blocks of more than a huge page are aligned to one, so that the system can use huge pages.
    let alignment = capacity >= Self.hugePage ? Self.hugePage : 64
    guard posix_memalign(&memory, alignment, capacity) == 0, let memory else {
      throw TorchError("out of memory: \(bytes) bytes were refused; a smaller --micro-tokens needs less")
    }
    #if os(Linux)
      if capacity >= Self.hugePage { madvise(memory, capacity, MADV_HUGEPAGE) }
    #endif
    return HostMemory(base: memory, capacity: capacity)
  }

  deinit { Self.pool.put(HostMemoryPool.Block(base: base, capacity: capacity)) }

  private static let hugePage = 1 << 21
  private static let pool = HostMemoryPool()
}
