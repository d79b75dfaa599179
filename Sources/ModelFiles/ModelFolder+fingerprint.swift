import Crypto

extension ModelFolder {
  /// SHA-256 over the weights and all of `config.json` that a forward pass depends on, as 64 hexadecimal digits: models
  /// of one fingerprint compute the same. Reads all weights once.
  /// - Throws: `ModelFileError` where the weights cannot be opened.
  public func fingerprint() throws -> String {
    let text = try openWeights().fingerprint() + "\n" + config.computation
    var hash = SHA256()
    Array(text.utf8).withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().hexadecimal
  }
}

extension SHA256.Digest {
  /// The digest as 64 hexadecimal digits.
  var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
