import ModelFiles
import Torch

/// A model of Llama's architecture, or of one that differs from it as its `Family` says, as transformers defines them:
/// embedding, decoder layers, a last norm, and the projection to the vocabulary or a score.
///
/// Hidden states are N×D for the N tokens of a packed batch.
public final class LlamaModel {
  /// The model's shape.
  public let config: LlamaConfig
  /// Its parameters, and their gradients where they train; always float32. Without what is `frozen`.
  public let parameters: Parameters
  /// The matrices that are kept narrow; nil where all are parameters.
  public let frozen: FrozenWeights?
  /// What changes them, and trains in their place; nil where they are as they are.
  public let adapter: Adapter?
  /// What matrix products are computed in.
  public let dtype: DType

  let embedding: Embedding
  let layers: [DecoderLayer]
  let norm: RMSNorm
  let projection: VocabularyProjection
  /// What makes scores of hidden states, where the model has that.
  let score: Parameter?
  let rotary: LayerRotaries
  /// What ranks send one another that keep it together; nil where this process keeps all.
  let traffic: ShardTraffic?

  /// A model whose weights are what `parameters` holds, changed by an adapter where there is one.
  ///
  /// Several models may have the same parameters: one with an adapter, and one without it as its reference.
  public init(
    config: LlamaConfig, parameters: Parameters, frozen: FrozenWeights? = nil, adapter: Adapter? = nil,
    dtype: DType = .float32
  ) throws {
    self.config = config
    self.parameters = parameters
    self.frozen = frozen
    self.adapter = adapter
    self.dtype = dtype
    let architecture = config.architecture
    embedding = Embedding(
      weight: try parameters.weight([architecture.embedding], frozen), scale: Float(config.multipliers.embedding))
    layers = try zip(architecture.layers, config.attention).map { layer, attention in
      try DecoderLayer(layer, attention, config, parameters, frozen, adapter, dtype)
    }
    norm = try RMSNorm(architecture.norm, config, parameters)
    projection = VocabularyProjection(
      weight: try architecture.projection.map { try parameters.weight([$0], frozen) } ?? embedding.weight, dtype: dtype,
      shaping: LogitShaping(config.multipliers))
    score = try adapter?.score ?? architecture.score.map { try parameters.joined([$0]) }
    rotary = LayerRotaries(config)
    traffic = parameters.shards == nil ? nil : ShardTraffic()
  }
}

extension DecoderLayer {
  init(
    _ layer: Architecture.Layer, _ attends: LayerAttention, _ config: LlamaConfig, _ parameters: Parameters,
    _ frozen: FrozenWeights?, _ adapter: Adapter?, _ dtype: DType
  ) throws {
    func norm(_ weight: Architecture.Tensor?) throws -> RMSNorm? {
      try weight.map { try RMSNorm($0, config, parameters) }
    }
    func residual(_ weight: Architecture.Tensor?) throws -> Residual {
      Residual(norm: try norm(weight), factor: Float(config.multipliers.residual))
    }
    let (H, K, S) = (config.headCount, config.keyHeadCount, config.headSize)
    attentionNorm = try norm(layer.attentionNorm)
    attention = Attention(
      queryKeyValue: try Linear(layer.queryKeyValue, parameters, frozen, adapter, dtype),
      headNorms: try [(layer.queryNorm, 0, H * S), (layer.keyNorm, H * S, K * S)].compactMap { weight, start, size in
        try weight.map {
          HeadNorm(
            weight: try NormWeight($0, config, parameters), epsilon: Float(config.rmsNormEpsilon), start: start,
            heads: size / $0.count)
        }
      },
      output: try Linear(layer.output, parameters, frozen, adapter, dtype), heads: H, keyHeads: K, headSize: S,
      scores: config.scores(of: attends))
    attentionResidual = try residual(layer.outputNorm)
    feedForwardNorm = try norm(layer.feedForwardNorm)
    feedForward = FeedForward(
      gateUp: try Linear(layer.gateUp, parameters, frozen, adapter, dtype),
      down: try Linear(layer.down, parameters, frozen, adapter, dtype), activation: config.family.activation)
    feedForwardResidual = try residual(layer.downNorm)
  }
}

extension LlamaConfig {
  /// What a layer makes of the products of queries and keys.
  package func scores(of layer: LayerAttention) -> AttentionScores {
    AttentionScores(
      scale: multipliers.attention.map { Float($0) }, window: layer.window,
      cap: multipliers.attentionCap.map { Float($0) })
  }
}

extension RMSNorm {
  init(_ weight: Architecture.Tensor, _ config: LlamaConfig, _ parameters: Parameters) throws {
    self.init(weight: try NormWeight(weight, config, parameters), epsilon: Float(config.rmsNormEpsilon))
  }
}

extension NormWeight {
  init(_ weight: Architecture.Tensor, _ config: LlamaConfig, _ parameters: Parameters) throws {
    self.init(parameter: try parameters.joined([weight]), offset: config.family.normOffset)
  }
}

extension Linear {
  init(
    _ linear: Architecture.Linear, _ parameters: Parameters, _ frozen: FrozenWeights?, _ adapter: Adapter?,
    _ dtype: DType
  ) throws {
    self.init(
      weight: try parameters.weight(linear.weights, frozen),
      bias: try linear.biases.isEmpty ? nil : parameters.joined(linear.biases),
      adapter: try adapter?.update(of: linear), dtype: dtype)
  }
}

extension Parameters {
  /// Neighbours as one matrix: their own, or frozen ones in their place.
  fileprivate func weight(_ tensors: [Architecture.Tensor], _ frozen: FrozenWeights?) throws -> Weight {
    try frozen?.weight(tensors) ?? .full(joined(tensors))
  }
}

extension LlamaModel {
  /// What trains, where anything does: the adapter's parameters, or without one the model's own.
  public var trained: Parameters { adapter?.parameters ?? parameters }

  /// The length that the scores of sequences which share a prefix depend on, besides their tokens: that of the longest,
  /// where dynamic scaling turns them by it; else nil.
  public func rotaryLength(of sequences: [TokenSequence]) -> Int? { rotary.length(of: sequences) }

  /// The logits of hidden states, N×V.
  public func logits(_ hidden: Tensor) throws -> Tensor { try projection.logits(hidden) }
}
