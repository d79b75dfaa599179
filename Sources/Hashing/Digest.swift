import CCrypto

/// What a hash function made of some bytes.
package struct Digest: Hashable, Sendable {
  /// 32 bytes of SHA-256, 64 of SHA-512, 20 of SHA-1.
  package let bytes: [UInt8]

  /// The digest that was kept as bytes.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// The SHA-256 of bytes.
  package static func sha256(_ bytes: some Sequence<UInt8>) -> Digest { of(bytes, .sha256) }

  /// The SHA-512 of bytes.
  package static func sha512(_ bytes: some Sequence<UInt8>) -> Digest { of(bytes, .sha512) }

  /// The SHA-1 of bytes: git's names, and nothing that must withstand an attack.
  package static func sha1(_ bytes: some Sequence<UInt8>) -> Digest { of(bytes, .sha1) }

  private static func of(_ bytes: some Sequence<UInt8>, _ function: HashFunction) -> Digest {
    let hasher = ByteHasher(function)
    Array(bytes).withUnsafeBytes(hasher.update)
    return hasher.finalize()
  }

  /// Its hexadecimal digits.
  package var hexadecimal: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

  /// Whether two digests are equal, which takes as long as to see that they are not.
  package static func == (one: Digest, other: Digest) -> Bool {
    one.bytes.count == other.bytes.count && CRYPTO_memcmp(one.bytes, other.bytes, one.bytes.count) == 0
  }
}
