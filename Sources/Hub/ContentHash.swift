import Crypto
import Foundation

/// What the hub publishes of a file's content. It names the file in the cache.
package enum ContentHash: Sendable, Hashable {
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
  private enum State {
    case sha256(SHA256)
    case sha1(Insecure.SHA1)
  }

  private var state: State

  /// A hasher of the same kind as `hash`, for a content of `size` bytes.
  init(like hash: ContentHash, size: Int) {
    switch hash {
    case .sha256: state = .sha256(SHA256())
    case .gitBlob:
      var sha1 = Insecure.SHA1()
      sha1.update(data: Data("blob \(size)\0".utf8))
      state = .sha1(sha1)
    }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch state {
    case .sha256(var hasher):
      hasher.update(bufferPointer: bytes)
      state = .sha256(hasher)
    case .sha1(var hasher):
      hasher.update(bufferPointer: bytes)
      state = .sha1(hasher)
    }
  }

  /// The hash of what has passed.
  var text: String {
    func hexadecimal(_ digest: some Sequence<UInt8>) -> String { digest.map { String(format: "%02x", $0) }.joined() }
    switch state {
    case .sha256(let hasher): return hexadecimal(hasher.finalize())
    case .sha1(let hasher): return hexadecimal(hasher.finalize())
    }
  }
}
