extension Architecture {
  /// What a tensor is to the model. Hugging Face, GGUF and others each have a name for it.
  public enum Role: Sendable, CaseIterable {
    case embedding
    case attentionNorm, query, key, value, queryKeyValue, queryNorm, keyNorm, output, outputNorm
    case feedForwardNorm, gate, up, gateUp, down, downNorm
    case norm, projection, score

    /// What Hugging Face calls the module, within its layer where it belongs to one.
    func module(of family: Family? = nil) -> String {
      switch self {
      case .embedding: "model.embed_tokens"
      case .attentionNorm: "input_layernorm"
      case .query: "self_attn.q_proj"
      case .key: "self_attn.k_proj"
      case .value: "self_attn.v_proj"
      case .queryKeyValue: "self_attn.qkv_proj"
      case .queryNorm: "self_attn.q_norm"
      case .keyNorm: "self_attn.k_norm"
      case .output: "self_attn.o_proj"
      case .outputNorm: "post_attention_layernorm"
      // Llama calls by the same name what stands before its feed-forward.
      case .feedForwardNorm: family?.norms == .around ? "pre_feedforward_layernorm" : "post_attention_layernorm"
      case .gate: "mlp.gate_proj"
      case .up: "mlp.up_proj"
      case .gateUp: "mlp.gate_up_proj"
      case .down: "mlp.down_proj"
      case .downNorm: "post_feedforward_layernorm"
      case .norm: "model.norm"
      case .projection: "lm_head"
      case .score: "score"
      }
    }
  }

  // A configuration that ties the two may stand beside weights that hold both.
  static let embeddingName = Tensor(.embedding, in: .embedding, []).name
  static let projectionName = Tensor(.projection, in: .projection, []).name

  /// The part of a model that a tensor belongs to. All of it trains, or all of it is frozen.
  public enum Group: Sendable, Hashable, CustomStringConvertible {
    case embedding
    case layer(Int)
    case norm
    case projection
    case score

    /// The group in words.
    public var description: String {
      switch self {
      case .embedding: "embedding"
      case .layer(let index): "layer \(index)"
      case .norm: "last norm"
      case .projection: "projection of its own"
      case .score: "score"
      }
    }
  }

  /// One tensor of the model.
  public struct Tensor: Sendable, Equatable {
    /// What it is.
    public let role: Role
    /// Where it belongs.
    public let group: Group
    /// Whether it is what the role adds, and not what it multiplies by.
    public let isBias: Bool
    /// Its name in Hugging Face's files, as in `model.layers.0.self_attn.q_proj.weight`.
    public let name: String
    /// Its extent in each dimension: outputs × inputs for matrices.
    public let shape: [Int]

    /// The number of its elements.
    public var count: Int { shape.reduce(1, *) }
    /// Whether it is the weight of a norm.
    public var isNorm: Bool { shape.count == 1 && !isBias }

    /// A tensor that belongs to another's place in the model.
    init(_ other: Tensor, named name: String, _ shape: [Int]) {
      (role, group, isBias, self.name, self.shape) = (other.role, other.group, false, name, shape)
    }

    init(_ role: Role, in group: Group, of family: Family? = nil, isBias: Bool = false, _ shape: [Int]) {
      self.role = role
      self.group = group
      self.isBias = isBias
      let own = role.module(of: family)
      let module = if case .layer(let index) = group { "model.layers.\(index).\(own)" } else { own }
      name = module + (isBias ? ".bias" : ".weight")
      self.shape = shape
    }
  }
}
