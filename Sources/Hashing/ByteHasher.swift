import CCrypto

/// A cryptographic hash function.
package enum HashFunction: Sendable {
  case sha1, sha256, sha512

  fileprivate var implementation: OpaquePointer {
    switch self {
    case .sha1: Self.sha1Implementation
    case .sha256: Self.sha256Implementation
    case .sha512: Self.sha512Implementation
    }
  }

  // Looked for once: libcrypto's own search takes longer than to hash a short text.
  private nonisolated(unsafe) static let sha1Implementation = fetch("SHA1")
  private nonisolated(unsafe) static let sha256Implementation = fetch("SHA256")
  private nonisolated(unsafe) static let sha512Implementation = fetch("SHA512")

  /// Looks in a context of our own, which no OPENSSL_CONF changes: there libcrypto always has these functions.
  private static func fetch(_ name: String) -> OpaquePointer {
    guard let function = EVP_MD_fetch(library, name, nil) else { fatalError("the system's libcrypto has no \(name)") }
    return function
  }

  private nonisolated(unsafe) static let library = OSSL_LIB_CTX_new()
}

/// Hashes bytes while they pass by. The system's libcrypto does it, with the instructions that processors have for it.
package final class ByteHasher {
  private let function: HashFunction
  private let context: OpaquePointer

  package init(_ function: HashFunction) {
    guard let context = EVP_MD_CTX_new() else { fatalError("no memory is left for a hash") }
    (self.function, self.context) = (function, context)
    begin()
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// Adds a text's bytes.
  package func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of what has passed; the next bytes begin another.
  package func finalize() -> Digest {
    let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
      var length: UInt32 = 0
      check(EVP_DigestFinal_ex(context, buffer.baseAddress, &length))
      count = Int(length)
    }
    begin()
    return Digest(bytes: digest)
  }

  private func begin() { check(EVP_DigestInit_ex(context, function.implementation, nil)) }

  /// Only want of memory makes libcrypto fail here.
  private func check(_ status: Int32) { precondition(status == 1, "libcrypto cannot hash") }
}
