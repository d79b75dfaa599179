import Collectives
import ModelFiles
import Torch

extension LlamaModel {
  /// Reads a model's weights as float32, whatever type they are stored in. Those of an adapter are merged into them.
  /// - Parameters:
  ///   - training: whether gradients will be needed.
  ///   - frozen: groups of parameters that stay as they are in any case.
  ///   - dtype: what matrix products are computed in.
  ///   - gradientType: what gradients are summed in: float32 or bfloat16.
  ///   - ranks: the processes that keep the weights together; nil where this one keeps all.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(
    _ folder: ModelFolder, training: Bool, freezing frozen: Set<Architecture.Group> = [], dtype: DType = .float32,
    gradientType: DType = .float32, sharedBy ranks: (any Communicator)? = nil
  ) throws {
    let parameters = try Parameters(
      layout: ParameterLayout(folder.config), training: training, freezing: frozen,
      gradientType: gradientType, sharedBy: ranks)
    try self.init(config: folder.config, parameters: parameters, dtype: dtype)
    try readWeights(of: folder)
  }

  /// Replaces the weights by those of a folder with a model of the same shape.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape.
  public func readWeights(of folder: ModelFolder) throws {
    try readBase(of: folder)
    try folder.adapter.map { try Adapter($0, of: config, training: false) }?.merge(into: parameters, of: config)
  }

  /// Reads the weights of a folder's base, without an adapter.
  func readBase(of folder: ModelFolder) throws {
    let isApart = folder.adapter?.config.savesScore == true
    try read(parameters.layout.entries.filter { !isApart || $0.tensor.role != .score }, of: folder.openWeights())
  }

  func read(_ entries: [ParameterLayout.Entry], of weights: WeightFiles) throws {
    parameters.beginUpdate()
    var reading = WeightReading(weights, entries.map(\.name))
    for entry in entries {
      try reading.read(entry.name, into: parameters.value(entry).buffer)
      parameters.release(entry.range)
    }
  }

  /// A model's layers under a score that has learned nothing, from N(0, 0.02²) or as wide as `config.json` says: where a reward
  /// model begins.
  /// - Parameters:
  ///   - folder: a model with another head; that is left behind.
  ///   - config: the same model with a score.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(
    scoring folder: ModelFolder, as config: LlamaConfig, training: Bool, dtype: DType = .float32,
    gradientType: DType = .float32, sharedBy ranks: (any Communicator)? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let parameters = try Parameters(
      layout: ParameterLayout(config), training: training, gradientType: gradientType, sharedBy: ranks)
    try self.init(config: config, parameters: parameters, dtype: dtype)
    let weights = try folder.openWeights()
    try read(parameters.layout.entries.filter { $0.tensor.role != .score }, of: weights)
    for entry in parameters.layout.entries where entry.tensor.role == .score {
      parameters.value(entry).fillAsScore(of: config, using: &generator)
      parameters.release(entry.range)
    }
  }

  /// The tensors of what trains as they are written to a folder: the adapter's, or without one the model's own. Of ranks that keep
  /// it together the first writes; the others call `sendWeights` meanwhile.
  public func outputTensors(_ elementType: ElementType) -> [OutputTensor] {
    let trained = trained
    return trained.layout.entries.map { entry in
      OutputTensor(name: entry.name, elementType: elementType, shape: entry.shape) { body in
        try trained.withValues(entry, body)
      }
    }
  }

  /// Sends the first rank what this one keeps of the tensors that it writes, in their order.
  public func sendWeights() throws { try trained.sendValues() }
}
