import Hashing

extension ModelFolder {
  /// SHA-256 over the weights and all of `config.json` that a forward pass depends on, as 64 hexadecimal digits: models
  /// of one fingerprint compute the same. Reads all weights once.
  /// - Throws: `ModelFileError` where the weights cannot be opened.
  public func fingerprint() throws -> String {
    var text = try openWeights().fingerprint() + "\n" + config.computation
    if let adapter { text += try "\n" + adapter.fingerprint(for: config) }
    return Digest.sha256(text.utf8).hexadecimal
  }
}
