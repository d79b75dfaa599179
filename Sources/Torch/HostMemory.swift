import Foundation

/// A block of the CPU's memory, given back to a pool when nothing uses it any more.
///
/// A training step asks for the same large blocks again and again. Taking them from the system each time would cost a
/// page fault and a cleared page every 4 KiB, which is a tenth of a step; so freed blocks are kept for the next request.
package final class HostMemory: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  let capacity: Int
  /// The tensor of libtorch's that the memory belongs to; nil where it is ours.
  private let owner: ForeignTensor?

  private init(base: UnsafeMutableRawPointer, capacity: Int, owner: ForeignTensor? = nil) {
    self.base = base
    self.capacity = capacity
    self.owner = owner
  }

  /// The memory of a tensor that libtorch made, which lives as long as this does.
  convenience init(_ owner: ForeignTensor, bytes: Int) throws {
    self.init(base: try owner.address, capacity: bytes, owner: owner)
  }

  /// A block of at least `bytes` bytes, aligned to 64, its content undefined.
  package static func take(_ bytes: Int) throws -> HostMemory {
    let capacity = roundedUp(bytes)
    if let kept = pool.take(capacity) { return HostMemory(base: kept.base, capacity: kept.capacity) }
    var memory: UnsafeMutableRawPointer?
    // Blocks of more than a huge page are aligned to one, so that the system can use huge pages.
    let alignment = capacity >= Self.hugePage ? Self.hugePage : 64
    guard posix_memalign(&memory, alignment, capacity) == 0, let memory else {
      throw TorchError("out of memory: \(bytes) bytes were refused; training needs less with a smaller --micro-tokens")
    }
    #if os(Linux)
      if capacity >= Self.hugePage { madvise(memory, capacity, MADV_HUGEPAGE) }
    #endif
    return HostMemory(base: memory, capacity: capacity)
  }

  /// A little more than `bytes`: the micro-batches of a run differ slightly in size, and should be able to use one
  /// another's blocks. Large blocks are rounded up to an eighth of their power of two.
  private static func roundedUp(_ bytes: Int) -> Int {
    let step = bytes < 1 << 20 ? 64 : 1 << (Int.bitWidth - bytes.leadingZeroBitCount - 4)
    return max(64, (bytes + step - 1) / step * step)
  }

  deinit {
    guard owner == nil else { return }
    Self.pool.put(HostMemoryPool.Block(base: base, capacity: capacity))
  }

  private static let hugePage = 1 << 21
  private static let pool = HostMemoryPool()
}
