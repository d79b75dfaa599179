import ModelFiles
import Torch

/// The Llama architecture as transformers defines it: embedding, decoder layers, a last norm, and the projection to the
/// vocabulary or a score.
///
/// Hidden states are N×D for the N tokens of a packed batch.
public final class LlamaModel {
  /// The model's shape.
  public let config: LlamaConfig
  /// Its parameters, and their gradients where it trains; always float32.
  public let parameters: Parameters
  /// What matrix products are computed in.
  public let dtype: DType

  let embedding: Embedding
  let layers: [DecoderLayer]
  let norm: RMSNorm
  let projection: VocabularyProjection
  /// What makes scores of hidden states, where the model has that.
  let score: Parameter?
  let rotary: RotaryEmbedding

  /// A model whose weights are what `parameters` holds.
  public init(config: LlamaConfig, parameters: Parameters, dtype: DType = .float32) throws {
    self.config = config
    self.parameters = parameters
    self.dtype = dtype
    let architecture = config.architecture
    embedding = Embedding(weight: try parameters.joined([architecture.embedding]))
    layers = try architecture.layers.map { try DecoderLayer($0, config, parameters, dtype) }
    norm = try RMSNorm(architecture.norm, config, parameters)
    projection = VocabularyProjection(
      weight: try architecture.projection.map { try parameters.joined([$0]) } ?? embedding.weight, dtype: dtype)
    score = try architecture.score.map { try parameters.joined([$0]) }
    rotary = RotaryEmbedding(config)
  }
}

extension DecoderLayer {
  init(_ layer: Architecture.Layer, _ config: LlamaConfig, _ parameters: Parameters, _ dtype: DType) throws {
    attentionNorm = try RMSNorm(layer.attentionNorm, config, parameters)
    attention = Attention(
      queryKeyValue: try Linear(layer.queryKeyValue, parameters, dtype),
      headNorms: try [(layer.queryNorm, 0, config.headCount), (layer.keyNorm, config.headCount, config.keyHeadCount)]
        .compactMap { weight, firstHead, heads in
          try weight.map {
            HeadNorm(
              weight: try parameters.joined([$0]), epsilon: Float(config.rmsNormEpsilon), firstHead: firstHead,
              heads: heads)
          }
        },
      output: try Linear(layer.output, parameters, dtype),
      heads: config.headCount, keyHeads: config.keyHeadCount, headSize: config.headSize)
    feedForwardNorm = try RMSNorm(layer.feedForwardNorm, config, parameters)
    feedForward = FeedForward(
      gateUp: try Linear(layer.gateUp, parameters, dtype), down: try Linear(layer.down, parameters, dtype))
  }
}

extension RMSNorm {
  init(_ weight: Architecture.Tensor, _ config: LlamaConfig, _ parameters: Parameters) throws {
    self.init(weight: try parameters.joined([weight]), epsilon: Float(config.rmsNormEpsilon))
  }
}

extension Linear {
  init(_ linear: Architecture.Linear, _ parameters: Parameters, _ dtype: DType) throws {
    self.init(
      weight: try parameters.joined(linear.weights),
      bias: try linear.biases.isEmpty ? nil : parameters.joined(linear.biases), dtype: dtype)
  }
}

extension LlamaModel {
  /// The length that the scores of sequences which share a prefix depend on, besides their tokens: that of the longest,
  /// where dynamic scaling turns them by it; else nil.
  public func rotaryLength(of sequences: [TokenSequence]) -> Int? { rotary.length(of: sequences) }

  /// The logits of hidden states, N×V.
  public func logits(_ hidden: Tensor) throws -> Tensor { try projection.logits(hidden) }
}
