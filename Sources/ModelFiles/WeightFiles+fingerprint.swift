import Foundation
import Hashing
import Parallel

extension WeightFiles {
  /// SHA-256 over the tensors' names, types, shapes and bytes, as 64 hexadecimal digits.
  ///
  /// The same weights have the same fingerprint however they are spread over files, and whichever format holds them.
  /// Reads all weights once, a tensor on each core.
  public func fingerprint() -> String {
    let tensors = names.compactMap { self.tensors[$0] }
    let digests = tensors.concurrentMap { tensor in
      let digest = tensor.withBytes { bytes in
        let hash = ByteHasher(.sha256)
        hash.update(bytes)
        return hash.finalize()
      }
      tensor.release()
      return digest
    }
    let hash = ByteHasher(.sha256)
    for (tensor, digest) in zip(tensors, digests) {
      // The name's length goes before it, so that no two lists of tensors make the same text.
      hash.update("\(tensor.name.utf8.count) \(tensor.name) \(tensor.elementType.rawValue) \(tensor.shape)\n")
      digest.bytes.withUnsafeBytes(hash.update)
    }
    return hash.finalize().hexadecimal
  }
}
