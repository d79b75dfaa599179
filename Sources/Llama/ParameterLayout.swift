import ModelFiles

/// Where each named tensor lies in the one flat block that holds a model's parameters.
///
/// Tensors that are multiplied by the same input are neighbours (queries, keys and values; gate and up), so that one
/// matrix product serves all of them; on disk each keeps its own name.
public struct ParameterLayout: Sendable {
  /// One tensor of the model.
  public struct Entry: Sendable {
    /// Its name in Hugging Face's files, as in `model.layers.0.self_attn.q_proj.weight`.
    public let name: String
    /// Its extent in each dimension.
    public let shape: [Int]
    /// Its first element's place in the block.
    public let offset: Int

    /// The number of its elements.
    public var count: Int { shape.reduce(1, *) }
    /// Whether weight decay applies: as in transformers, to all but biases and norms, which are the vectors.
    public var decays: Bool { shape.count > 1 }
  }

  /// All tensors, in the order of the block.
  public private(set) var entries: [Entry] = []
  /// The number of parameters.
  public private(set) var count = 0
  private var indices: [String: Int] = [:]

  /// The layout of a model with this configuration.
  public init(_ config: LlamaConfig) {
    let (D, F, S) = (config.hiddenSize, config.feedForwardSize, config.headSize)
    let (queries, keys) = (config.headCount * S, config.keyHeadCount * S)
    add("model.embed_tokens.weight", [config.vocabularySize, D])
    for index in 0..<config.layerCount {
      let layer = "model.layers.\(index)."
      add(layer + "input_layernorm.weight", [D])
      add(layer + "self_attn.q_proj.weight", [queries, D])
      add(layer + "self_attn.k_proj.weight", [keys, D])
      add(layer + "self_attn.v_proj.weight", [keys, D])
      if config.attentionBias {
        add(layer + "self_attn.q_proj.bias", [queries])
        add(layer + "self_attn.k_proj.bias", [keys])
        add(layer + "self_attn.v_proj.bias", [keys])
      }
      add(layer + "self_attn.o_proj.weight", [D, queries])
      if config.outputBias { add(layer + "self_attn.o_proj.bias", [D]) }
      add(layer + "post_attention_layernorm.weight", [D])
      add(layer + "mlp.gate_proj.weight", [F, D])
      add(layer + "mlp.up_proj.weight", [F, D])
      if config.mlpBias {
        add(layer + "mlp.gate_proj.bias", [F])
        add(layer + "mlp.up_proj.bias", [F])
      }
      add(layer + "mlp.down_proj.weight", [D, F])
      if config.mlpBias { add(layer + "mlp.down_proj.bias", [D]) }
    }
    add("model.norm.weight", [D])
    if !config.tiesEmbeddings { add("lm_head.weight", [config.vocabularySize, D]) }
  }

  private mutating func add(_ name: String, _ shape: [Int]) {
    indices[name] = entries.count
    entries.append(Entry(name: name, shape: shape, offset: count))
    count += entries[entries.count - 1].count
  }

  /// The tensor of that name, where the model has one.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }
}
