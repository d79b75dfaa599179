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
    /// A tensor of libtorch's, to which the memory belongs.
    case libtorch(ForeignTensor)
  }

  private init(base: UnsafeMutableRawPointer, source: Source) {
    self.base = base
    self.source = source
  }

  /// The memory of a tensor that libtorch made, which lives as long as this does.
  convenience init(_ owner: ForeignTensor) throws {
    self.init(base: try owner.address, source: .libtorch(owner))
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

  deinit {
    switch source {
    case .arena(let bytes): Self.arena?.put(base, bytes: bytes)
    case .system: free(base)
    case .libtorch: break
    }
  }

  /// The bytes of pages that tensors have been on.
  static var touchedBytes: Int { arena?.touchedBytes ?? 0 }

  private static let arena = MemoryArena()
}
