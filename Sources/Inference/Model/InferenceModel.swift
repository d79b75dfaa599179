import CKernels
import Llama
import ModelFiles
import Torch

/// A model that only answers: its weights as inference reads them, and one pass that serves prompts and single tokens of
/// many sequences at once.
///
/// What it computes for a sequence has the same bits whatever else is in the batch and however its prompt is divided.
/// It belongs to one thread at a time.
public final class InferenceModel {
  /// The model's shape.
  public let config: LlamaConfig
  /// How the matrices are kept.
  public let format: WeightFormat

  /// Rises with each change of the weights: keys and values of an older generation are another model's.
  private(set) var generation = 0
  /// The parameters in training that the weights are taken of, and how often they had been updated then.
  private let source: Parameters?
  private var sourceUpdates: Int?

  let embedding: WeightMatrix
  let layers: [InferenceLayer]
  let norm: Tensor
  let projection: WeightMatrix
  let rotary: LayerRotaries

  /// A model whose tensors `weights` gives, neighbours joined along their first dimension.
  init(
    config: LlamaConfig, format: WeightFormat, source: Parameters? = nil,
    weights: ([Architecture.Tensor]) throws -> Tensor
  ) throws {
    self.config = config
    self.format = format
    self.source = source
    sourceUpdates = source?.updateCount
    let (architecture, places) = (config.architecture, config.architecture.places)
    func matrix(_ tensors: [Architecture.Tensor]) throws -> WeightMatrix {
      try WeightMatrix(weights(tensors), format: format, place: places[tensors[0].name] ?? 0)
    }
    embedding = try matrix([architecture.embedding])
    layers = try architecture.layers.map { try InferenceLayer($0, config, matrix: matrix, vector: weights) }
    norm = try weights([architecture.norm])
    projection = try architecture.projection.map { try matrix([$0]) } ?? embedding
    rotary = LayerRotaries(config)
  }

  /// Takes the tensors as they are now, in the place of those that there were. Float32 ones are shared, and there already.
  func refresh(weights: ([Architecture.Tensor]) throws -> Tensor) throws {
    let architecture = config.architecture
    // Until all is packed, what there is has no generation that could answer.
    if source != nil { sourceUpdates = nil }
    try embedding.pack(weights([architecture.embedding]))
    for (layer, described) in zip(layers, architecture.layers) { try layer.refresh(described, weights: weights) }
    if let described = architecture.projection { try projection.pack(weights([described])) }
    generation += 1
    sourceUpdates = source?.updateCount
  }

  /// Refuses to mix weights, or keys and values, of two generations.
  func requireOneGeneration(_ pieces: [SequencePiece]) throws {
    guard source?.updateCount == sourceUpdates else {
      throw InferenceError("the model was trained since its policy was refreshed; refresh() it before it answers")
    }
    guard pieces.allSatisfy({ $0.cache.generation == generation }) else {
      throw InferenceError("keys and values of older weights cannot be continued; read the sequence again")
    }
  }

  /// The most tokens of a sequence: the positions that the model was made for.
  public var contextLength: Int { config.contextLength }

  /// Bytes that one token's keys and values take.
  public var cacheBytesPerToken: Int {
    config.layerCount * 2 * config.keyHeadCount * config.headSize * format.cacheType.size
  }
}

extension LlamaConfig {
  /// The most tokens of a sequence: the positions that the model was made for, which linear and dynamic scaling and YaRN
  /// stretch.
  public var contextLength: Int {
    func stretched(_ positions: Int, _ factor: Double) -> Int { Int(min(Double(positions) * factor, 0x1p30)) }
    return switch ropeScaling {
    case .linear(let factor), .dynamic(let factor, _): stretched(maxPositions, factor)
    case .yarn(let yarn): max(maxPositions, stretched(yarn.originalMaxPositions, yarn.factor))
    case .none, .llama3, .longrope: maxPositions
    }
  }
}
