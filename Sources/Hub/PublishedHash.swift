import Hashing

/// What the hub publishes of a file's content. It names the file in the cache.
package enum PublishedHash: Sendable, Hashable {
  /// Of large files: the SHA-256 of the content.
  case sha256(String)
  /// Of files kept in git: the SHA-1 of `blob SIZE\0` and the content.
  case gitBlob(String)

  /// Its hexadecimal digits.
  package var text: String {
    switch self {
    case .sha256(let text), .gitBlob(let text): text
    }
  }
}

/// Computes a file's hash while its content passes by.
struct ContentHasher {
  private let hasher: ByteHasher

  /// A hasher of the same kind as `hash`, for a content of `size` bytes.
  init(like hash: PublishedHash, size: Int) {
    switch hash {
    case .sha256: hasher = ByteHasher(.sha256)
    case .gitBlob:
      hasher = ByteHasher(.sha1)
      hasher.update("blob \(size)\0")
    }
  }

  /// Adds bytes of the content.
  func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bytes) }

  /// The hash of the content, all of which has passed.
  func finalize() -> String { hasher.finalize().hexadecimal }
}
