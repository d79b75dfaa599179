import JSON

extension WeightFiles {
  /// Tensors under the names that transformers publishes: without what `torch.compile` puts into them (`_orig_mod.`), and with the
  /// `model.` that a model without its head was saved without.
  /// - Throws: `ModelFileError` where two become one.
  static func published(_ tensors: TextKeyed<StoredTensor>) throws -> TextKeyed<StoredTensor> {
    let compiled = "_orig_mod."
    let isBare =
      tensors[Architecture.embeddingName] == nil
      && tensors.keys.contains {
        $0.replacing(compiled, with: "") == Architecture.embeddingName.dropFirst("model.".count)
      }
    guard isBare || tensors.keys.contains(where: { $0.contains(compiled) }) else { return tensors }
    var renamed: TextKeyed<StoredTensor> = [:]
    for (name, tensor) in tensors {
      let own = name.replacing(compiled, with: "")
      let isOfModel = ["embed_tokens.", "layers.", "norm."].contains { own.hasPrefix($0) }
      let published = isBare && isOfModel ? "model." + own : own
      if let other = renamed.updateValue(tensor.named(published), forKey: published) {
        throw ModelFileError(
          tensor.path, "holds tensor \(quoted(published)) twice, as \(quoted(other.name)) and \(quoted(name))")
      }
    }
    return renamed
  }
}
