import Collectives
import ModelFiles
import Torch

extension LlamaModel {
  /// Reads a model's weights, which stay as they are, to train an adapter beside them: that of the folder, or else a new one.
  /// - Parameters:
  ///   - shape: the folder's model, or the same under a score, which a new adapter then has and trains.
  ///   - config: what a new adapter is like.
  ///   - format: how the frozen matrices are kept.
  ///   - ranks: the processes that keep weights and adapter together; nil where this one keeps all.
  ///   - generator: draws the first numbers of a new one.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `LlamaError`; `TorchError`.
  public convenience init(
    adapting folder: ModelFolder, as shape: LlamaConfig? = nil, by config: AdapterConfig,
    keeping format: FrozenFormat = .float32, dtype: DType = .float32, sharedBy ranks: (any Communicator)? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let shape = shape ?? folder.config
    let adapter =
      try folder.adapter.map { try Adapter($0, of: shape, training: true, sharedBy: ranks) }
      ?? Adapter(config, of: shape, sharedBy: ranks, using: &generator)
    if folder.adapter == nil, let score = adapter.score {
      if let own = folder.config.architecture.score {
        try folder.openWeights().readFloats(own.name, into: score.value.buffer)
      } else {
        score.value.fillAsScore(of: shape, using: &generator)
      }
      adapter.parameters.release(.score)
    }
    adapter.beginDropout(seed: generator.next())
    try self.init(folder, as: shape, beside: adapter, keeping: format, dtype: dtype, sharedBy: ranks)
  }

  /// Reads a model's weights, which stay as they are, beside an adapter or without one.
  private convenience init(
    _ folder: ModelFolder, as shape: LlamaConfig, beside adapter: Adapter?, keeping format: FrozenFormat, dtype: DType,
    sharedBy ranks: (any Communicator)?
  ) throws {
    let weights = try folder.openWeights()
    let frozen = format == .float32 ? nil : try FrozenWeights(weights, of: shape, format: format, sharedBy: ranks)
    let layout = ParameterLayout(shape) {
      (frozen == nil || !FrozenWeights.isNarrow($0)) && ($0.role != .score || adapter?.score == nil)
    }
    let parameters = try Parameters(layout: layout, training: false, sharedBy: ranks)
    try self.init(config: shape, parameters: parameters, frozen: frozen, adapter: adapter, dtype: dtype)
    try read(layout.entries, of: weights)
  }

  /// Reads a model that only answers or scores, its matrices kept in a format; an adapter stays beside them where that is narrow.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(
    _ folder: ModelFolder, keeping format: FrozenFormat, dtype: DType = .float32,
    sharedBy ranks: (any Communicator)? = nil
  ) throws {
    guard format != .float32 else {
      try self.init(folder, training: false, dtype: dtype, sharedBy: ranks)
      return
    }
    let adapter = try folder.adapter.map { try Adapter($0, of: folder.config, training: false, sharedBy: ranks) }
    try self.init(folder, as: folder.config, beside: adapter, keeping: format, dtype: dtype, sharedBy: ranks)
  }

  /// The model, or where its adapter changes nothing yet its frozen weights alone: they say the same, and no product adds zeros.
  package func withoutIdleAdapter() throws -> LlamaModel {
    guard let adapter, adapter.isIdle else { return self }
    return try LlamaModel(config: config, parameters: parameters, frozen: frozen, dtype: dtype)
  }

  /// What the model is before its adapter is trained, with the same frozen weights in memory: what it is compared with.
  public func adaptedAsItIs() throws -> LlamaModel {
    try LlamaModel(
      config: config, parameters: parameters, frozen: frozen, adapter: adapter.map(Adapter.init(freezing:)),
      dtype: dtype)
  }

  /// The values of neighbours as one tensor: the parameters themselves, or where an adapter changes them a copy into which it is merged.
  package func mergedValues(_ tensors: [Architecture.Tensor]) throws -> Tensor {
    let update = try adapter?.update(of: Architecture.Linear(joining: tensors))
    let widened = try frozen?.values(tensors)
    guard let update else { return try widened ?? parameters.joinedValues(tensors) }
    let merged = try widened ?? parameters.joinedValues(tensors).copied()
    try update.merge(into: merged)
    return merged
  }
}

extension Adapter {
  /// Adds s · B · A to a matrix of neighbours, where it changes one of them.
  package func merge(into values: Tensor, of tensors: [Architecture.Tensor]) throws {
    try update(of: Architecture.Linear(joining: tensors))?.merge(into: values)
  }

  /// Adds s · B · A to every matrix that it changes.
  func merge(into parameters: Parameters, of model: LlamaConfig) throws {
    parameters.beginUpdate()
    for tensor in model.architecture.adaptable {
      try parameters.using(tensor.group) { try merge(into: parameters.joinedValues([tensor]), of: [tensor]) }
    }
    guard let score, let own = model.architecture.score else { return }
    try parameters.using(own.group) {
      try parameters.joinedValues([own]).floats.update(from: score.value.floats, count: score.value.count)
    }
  }
}
