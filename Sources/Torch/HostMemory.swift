import Foundation
import Wording

/// A block of the CPU's memory, given back to the arena it came from when nothing uses it any more.
package final class HostMemory: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  private let source: Source

  private enum Source {
    /// So many bytes of the arena's.
    case arena(Int)
    case system
    /// So many addresses of the system's, whose pages come and go.
    case reserved(Int)
    /// Somebody else's, who lives as long as this does.
    case borrowed(AnyObject)
  }

  private init(base: UnsafeMutableRawPointer, source: Source) {
    self.base = base
    self.source = source
  }

  /// The memory of a tensor that libtorch made, which lives as long as this does.
  convenience init(_ owner: ForeignTensor) throws {
    self.init(base: try owner.address, source: .borrowed(owner))
  }

  /// Memory that is there, and is only read.
  convenience init(borrowing bytes: UnsafeRawPointer, of owner: AnyObject) {
    self.init(base: UnsafeMutableRawPointer(mutating: bytes), source: .borrowed(owner))
  }

  /// A block of at least `bytes` bytes, aligned to 64, its content undefined or, where `zeroed`, zeros.
  package static func take(_ bytes: Int, zeroed: Bool = false) throws -> HostMemory {
    if bytes >= MemoryArena.unit {
      let capacity = (bytes + MemoryArena.unit - 1) / MemoryArena.unit * MemoryArena.unit
      if let (base, used) = arena?.take(capacity) {
        // Fresh pages are left to whoever writes to them first, on all threads; a model's moments are gigabytes of them.
        if zeroed { memset(base, 0, used) }
        return HostMemory(base: base, source: .arena(capacity))
      }
    }
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, max(64, bytes)) == 0, let memory else {
      throw TorchError(
        "out of memory: \(bytes) bytes were refused; training needs less with a smaller \(setting: "micro-tokens")")
    }
    if zeroed { memset(memory, 0, bytes) }
    return HostMemory(base: memory, source: .system)
  }

  /// Addresses of at least `bytes` bytes, all zeros. A page takes memory from when it is first written to until it is discarded.
  static func reserve(_ bytes: Int) throws -> HostMemory {
    let size = (max(1, bytes) + pageSize - 1) / pageSize * pageSize
    guard let memory = map(size, at: nil) else {
      throw TorchError(
        "out of memory: the system refused \(size) bytes of addresses; is their number limited (ulimit -v)?")
    }
    #if os(Linux)
      // A huge page would hold what is in use together with what was discarded.
      madvise(memory, size, MADV_NOHUGEPAGE)
    #endif
    return HostMemory(base: memory, source: .reserved(size))
  }

  /// Memory that can be discarded in parts, or plain.
  static func room(_ bytes: Int, isReserved: Bool) throws -> HostMemory {
    try isReserved ? reserve(bytes) : take(bytes)
  }

  /// Makes bytes of reserved memory zeros again; pages that hold nothing else go back to the system.
  func discard(_ range: Range<Int>) {
    guard case .reserved = source else { preconditionFailure("only reserved memory is discarded") }
    let first = (range.lowerBound + Self.pageSize - 1) / Self.pageSize * Self.pageSize
    let end = range.upperBound / Self.pageSize * Self.pageSize
    guard first < end else {
      memset(base + range.lowerBound, 0, range.count)
      return
    }
    memset(base + range.lowerBound, 0, first - range.lowerBound)
    memset(base + end, 0, range.upperBound - end)
    #if os(Linux)
      madvise(base + first, end - first, MADV_DONTNEED)
    #else
      _ = Self.map(end - first, at: base + first)
    #endif
  }

  private static func map(_ size: Int, at place: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANON | (place == nil ? 0 : MAP_FIXED)
    #endif
    let memory = mmap(place, size, PROT_READ | PROT_WRITE, Int32(flags), -1, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  private static let pageSize = Int(getpagesize())

  deinit {
    switch source {
    case .arena(let bytes): Self.arena?.put(base, bytes: bytes)
    case .system: free(base)
    case .reserved(let bytes): munmap(base, bytes)
    case .borrowed: break
    }
  }

  /// The bytes of pages that tensors have been on.
  static var touchedBytes: Int { arena?.touchedBytes ?? 0 }

  private static let arena = MemoryArena()
}
