import ModelFiles
import Torch

extension LlamaModel {
  /// Reads a model's weights, which stay as they are, to train an adapter beside them: that of the folder, or else a new one.
  /// - Parameters:
  ///   - config: what a new adapter is like.
  ///   - format: how the frozen matrices are kept.
  ///   - generator: draws the first numbers of a new one.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `LlamaError`; `TorchError`.
  public convenience init(
    adapting folder: ModelFolder, by config: AdapterConfig, keeping format: FrozenFormat = .float32,
    dtype: DType = .float32,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let adapter =
      try folder.adapter.map { try Adapter($0, of: folder.config, training: true) }
      ?? Adapter(config, of: folder.config, using: &generator)
    adapter.beginDropout(seed: generator.next())
    let frozen =
      format == .float32 ? nil : try FrozenWeights(folder.openWeights(), of: folder.config, format: format)
    let layout = ParameterLayout(folder.config) { frozen == nil || !FrozenWeights.isNarrow($0) }
    let parameters = try Parameters(layout: layout, training: false)
    try self.init(config: folder.config, parameters: parameters, frozen: frozen, adapter: adapter, dtype: dtype)
    try readBase(of: folder)
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
      try merge(into: parameters.joinedValues([tensor]), of: [tensor])
    }
  }
}
