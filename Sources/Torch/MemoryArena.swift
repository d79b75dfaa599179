import Foundation
import Synchronization

/// One run of addresses out of which tensors take their memory, and to which they give it back.
///
/// A training step asks for large blocks again and again, in sizes that differ from one micro-batch to the next. Taking them
/// from the system each time would cost a page fault and a cleared page every few KiB, which is a tenth of a step. Here a
/// page that was touched once is used again by whichever block comes to lie there: requests take the lowest addresses that
/// are free, so the pages ever touched stay near the most that was ever in use.
final class MemoryArena: Sendable {
  /// Blocks are multiples of this many bytes; smaller requests are left to the system's allocator, which is good at them.
  static let unit = 1 << 16

  private let base: UInt
  /// The free runs, by address: no two touch one another.
  private let free: Mutex<[Range<Int>]>

  /// An arena of as many addresses as the machine has memory; nil where the system refuses them. Pages cost nothing before
  /// they are touched.
  init?() {
    let capacity = Int(clamping: ProcessInfo.processInfo.physicalMemory) / Self.hugePage * Self.hugePage
    let protection = PROT_READ | PROT_WRITE
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANON
    #endif
    let size = capacity + Self.hugePage
    guard capacity > 0, let memory = mmap(nil, size, protection, Int32(flags), -1, 0), memory != MAP_FAILED else {
      return nil
    }
    #if os(Linux)
      madvise(memory, size, MADV_HUGEPAGE)
    #endif
    let hugePage = UInt(Self.hugePage)
    base = (UInt(bitPattern: memory) + hugePage - 1) / hugePage * hugePage
    free = Mutex([0..<capacity])
  }

  /// The lowest free block of `bytes` bytes, a multiple of `unit`; nil where none is large enough.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    free.withLock { free in
      guard let index = free.firstIndex(where: { $0.count >= bytes }) else { return nil }
      let start = free[index].lowerBound
      free[index] = start + bytes..<free[index].upperBound
      if free[index].isEmpty { free.remove(at: index) }
      return UnsafeMutableRawPointer(bitPattern: base + UInt(start))
    }
  }

  /// Takes a block back.
  func put(_ block: UnsafeMutableRawPointer, bytes: Int) {
    let start = Int(UInt(bitPattern: block) - base)
    var run = start..<start + bytes
    free.withLock { free in
      var index = free.firstIndex { $0.lowerBound > start } ?? free.count
      if index < free.count, free[index].lowerBound == run.upperBound {
        run = run.lowerBound..<free.remove(at: index).upperBound
      }
      if index > 0, free[index - 1].upperBound == run.lowerBound {
        index -= 1
        run = free.remove(at: index).lowerBound..<run.upperBound
      }
      free.insert(run, at: index)
    }
  }

  private static let hugePage = 1 << 21
}
