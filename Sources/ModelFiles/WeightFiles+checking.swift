extension WeightFiles {
  /// Checks that the weights are those of a model of shape `config`: none missing, none unexpected, all of the right
  /// shape, all floating-point numbers.
  ///
  /// Rotary frequencies, which old checkpoints hold, are ignored; so is an output projection that
  /// repeats the embedding it is tied to.
  /// - Throws: `ModelFileError` about the first tensor that is wrong.
  public func check(against config: LlamaConfig) throws { try check(against: config, withScore: true) }

  /// - Parameter withScore: whether a model that makes scores has them from here, and not from an adapter.
  func check(against config: LlamaConfig, withScore: Bool) throws {
    try refuseQuantized()
    let expected = config.architecture.tensors.filter { withScore || $0.role != .score }
    let missing = expected.filter { tensors[$0.name] == nil }
    if let first = missing.first {
      throw ModelFileError(folder.path, "lacks tensor \(quoted(first.name))" + others(missing.count - 1))
    }
    for tensor in expected { try check(tensor.name, tensor.shape) }
    if config.tiesEmbeddings, config.head == .vocabulary, tensors[Architecture.projectionName] != nil {
      try check(Architecture.projectionName, [config.vocabularySize, config.hiddenSize])
    }

    let known = Set(config.architecture.tensors.map(\.name)).union([Architecture.projectionName])
    let unexpected = names.filter { !known.contains($0) && !$0.hasSuffix("rotary_emb.inv_freq") }
    if let first = unexpected.first {
      throw ModelFileError(
        folder.path,
        "holds tensor \(quoted(first))\(others(unexpected.count - 1)), which a \(config.modelType.rawValue) model of its config.json does not have"
      )
    }
  }

  private func check(_ name: String, _ shape: [Int]) throws {
    let tensor = try tensor(name)
    guard tensor.shape == shape else {
      throw ModelFileError(
        tensor.path, "tensor \(quoted(name)) has shape \(tensor.shape), config.json asks for \(shape)")
    }
    guard tensor.elementType.isFloat else {
      throw ModelFileError(
        tensor.path, "tensor \(quoted(name)) holds \(tensor.elementType.torchName), not floating-point numbers")
    }
  }

  private func others(_ count: Int) -> String { count > 0 ? " and \(count) more" : "" }
}
