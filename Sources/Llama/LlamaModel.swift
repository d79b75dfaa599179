import ModelFiles
import Torch

/// The Llama architecture as transformers defines it: embedding, decoder layers, a last norm, and the projection to the
/// vocabulary.
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
  let rotary: RotaryEmbedding

  /// A model whose weights are what `parameters` holds.
  public init(config: LlamaConfig, parameters: Parameters, dtype: DType = .float32) throws {
    self.config = config
    self.parameters = parameters
    self.dtype = dtype
    let epsilon = Float(config.rmsNormEpsilon)
    embedding = Embedding(weight: try parameters.required("model.embed_tokens.weight"))
    layers = try (0..<config.layerCount).map { try DecoderLayer(config, parameters, layer: $0, dtype) }
    norm = RMSNorm(weight: try parameters.required("model.norm.weight"), epsilon: epsilon)
    projection = VocabularyProjection(
      weight: parameters.joined(["lm_head.weight"]) ?? embedding.weight, dtype: dtype)
    rotary = RotaryEmbedding(config)
  }
}

extension DecoderLayer {
  init(_ config: LlamaConfig, _ parameters: Parameters, layer: Int, _ dtype: DType) throws {
    let name = "model.layers.\(layer)."
    let attention = name + "self_attn."
    let epsilon = Float(config.rmsNormEpsilon)
    attentionNorm = RMSNorm(weight: try parameters.required(name + "input_layernorm.weight"), epsilon: epsilon)
    self.attention = Attention(
      queryKeyValue: Linear(
        weight: try parameters.required(
          attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"),
        bias: parameters.joined([attention + "q_proj.bias", attention + "k_proj.bias", attention + "v_proj.bias"]),
        dtype: dtype),
      output: Linear(
        weight: try parameters.required(attention + "o_proj.weight"),
        bias: parameters.joined([attention + "o_proj.bias"]), dtype: dtype),
      heads: config.headCount, keyHeads: config.keyHeadCount, headSize: config.headSize)
    feedForwardNorm = RMSNorm(
      weight: try parameters.required(name + "post_attention_layernorm.weight"), epsilon: epsilon)
    feedForward = FeedForward(
      gateUp: Linear(
        weight: try parameters.required(name + "mlp.gate_proj.weight", name + "mlp.up_proj.weight"),
        bias: parameters.joined([name + "mlp.gate_proj.bias", name + "mlp.up_proj.bias"]), dtype: dtype),
      down: Linear(
        weight: try parameters.required(name + "mlp.down_proj.weight"),
        bias: parameters.joined([name + "mlp.down_proj.bias"]), dtype: dtype))
  }
}
