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
  private let places: Mutex<Places>

  private struct Places {
    /// The free runs, by address: no two touch one another.
    var free: [Range<Int>]
    /// Where the pages begin that were never given out: they are still the zeros that the system made them.
    var fresh = 0
  }

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
    places = Mutex(Places(free: [0..<capacity]))
  }

  /// The lowest free block of `bytes` bytes, a multiple of `unit`, and how many of its bytes, from its beginning, were used
  /// before; nil where none is large enough.
  func take(_ bytes: Int) -> (block: UnsafeMutableRawPointer, used: Int)? {
    places.withLock { places in
      guard let index = places.free.firstIndex(where: { $0.count >= bytes }) else { return nil }
      let start = places.free[index].lowerBound
      places.free[index] = start + bytes..<places.free[index].upperBound
      if places.free[index].isEmpty { places.free.remove(at: index) }
      let used = min(max(0, places.fresh - start), bytes)
      places.fresh = max(places.fresh, start + bytes)
      return UnsafeMutableRawPointer(bitPattern: base + UInt(start)).map { ($0, used) }
    }
  }

  /// The bytes from the first page to the last that was ever given out.
  var touchedBytes: Int { places.withLock { $0.fresh } }

  /// Takes a block back.
  func put(_ block: UnsafeMutableRawPointer, bytes: Int) {
    let start = Int(UInt(bitPattern: block) - base)
    var run = start..<start + bytes
    places.withLock { places in
      var index = places.free.firstIndex { $0.lowerBound > start } ?? places.free.count
      if index < places.free.count, places.free[index].lowerBound == run.upperBound {
        run = run.lowerBound..<places.free.remove(at: index).upperBound
      }
      if index > 0, places.free[index - 1].upperBound == run.lowerBound {
        index -= 1
        run = places.free.remove(at: index).lowerBound..<run.upperBound
      }
      places.free.insert(run, at: index)
    }
  }

  private static let hugePage = 1 << 21
}
