import Hashing
import Testing

/// Hashes that FIPS 180-4 gives.
@Suite struct HashingTests {
  @Test func knownDigests() {
    #expect(
      Digest.sha256("abc".utf8).hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest.sha256([]).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(Digest.sha1("abc".utf8).hexadecimal == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }

  @Test func bytesPassByInParts() {
    let hasher = ByteHasher(.sha256)
    for _ in 0..<1000 { hasher.update(String(repeating: "a", count: 1000)) }
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(hasher.finalize().hexadecimal == million)
    // The next bytes are another text's.
    hasher.update("abc")
    #expect(hasher.finalize() == Digest.sha256("abc".utf8))
  }

  @Test func digestsDifferInAnyByte() {
    let digest = Digest.sha1("abc".utf8)
    for place in digest.bytes.indices {
      var bytes = digest.bytes
      bytes[place] ^= 1
      #expect(Digest(bytes: bytes) != digest)
    }
    #expect(Digest(bytes: Array(digest.bytes.dropLast())) != digest && Digest(bytes: digest.bytes) == digest)
  }
}
