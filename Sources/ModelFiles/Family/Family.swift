/// A family of models: what its layers compute otherwise than Llama's, and what transformers assumes where a `config.json`
/// is silent. Numbers that a `config.json` gives are in ``LlamaConfig``.
public struct Family: Sendable {
  /// Where a layer has norms.
  public enum Norms: Sendable {
    /// Before attention and feed-forward (Llama).
    case before
    /// After them, before their results are added (OLMo 2, arXiv 2501.00656).
    case after
    /// Both (Gemma 2, arXiv 2408.00118).
    case around
  }

  /// What the norms of queries and keys take together.
  public enum QueryKeyNorm: Sendable {
    /// Each head by itself, with one weight for all (Qwen 3, Gemma 3).
    case heads
    /// All heads of a token (OLMo 2).
    case whole
  }

  /// What the feed-forward's gate goes through.
  public enum Activation: String, Sendable {
    case silu
    /// GELU by its approximation with tanh (Hendrycks & Gimpel 2016, arXiv 1606.08415).
    case geluTanh = "gelu_pytorch_tanh"
  }

  /// Which biases there may be.
  enum Bias {
    /// Those of all four projections of the attention, where `attention_bias` says so.
    case attention
    /// Those of the feed-forward, where `mlp_bias` says so.
    case feedForward
    /// Those of queries, keys and values (Qwen 2).
    case always
  }

  /// Which layers see a window only.
  enum Sliding {
    case never
    /// All, by a window of that size unless `sliding_window` is another or null.
    case everywhere(window: Int?)
    /// Those that `layer_types` names; without it all but every so many-th, a number that may stand under a key.
    case listed(window: Int, fullEvery: Int?, key: String? = nil)
    /// The same where `use_sliding_window` asks for it; without a list those from `max_window_layers` on.
    case onDemand(window: Int)
    /// The same; without a list those without rotary positions.
    case withoutRotary
  }

  /// Tokens of a `config.json` that names none.
  struct Tokens {
    var bos: Int?
    var eos: Int
    var pad: Int?
  }

  /// The caps of a Gemma whose `config.json` names none.
  struct Gemma {
    var attentionCap: Double?
    var logitCap: Double?
  }

  /// What the names of transformers' classes begin with.
  public internal(set) var className: String
  /// The same of its classes for texts and tokens, where it is another.
  var headedClassName: String?
  var maxPositions: Int
  var originalMaxPositions: Int?
  var keyHeadCount: Int?
  var headSize: Int?
  var normEpsilon = 1e-6
  var ropeTheta = 10_000.0
  /// The base in layers that slide, where these turn otherwise; rotary parameters are then given by the kind of layer.
  var slidingRopeTheta: Double?
  var slidingRopeKey: String?
  var tiesEmbeddings = false
  var tokens: Tokens?
  var biases: Set<Bias> = []
  var sliding = Sliding.never
  /// Where its layers have norms.
  public internal(set) var norms = Norms.before
  /// What norms add to their weights.
  public internal(set) var normOffset: Float = 0
  /// The norms of queries and keys; nil where there are none.
  public internal(set) var queryKeyNorm: QueryKeyNorm?
  /// What the feed-forward's gate goes through.
  public internal(set) var activation = Activation.silu
  /// Whether its files join queries, keys and values, and gate and up, as one matrix each.
  public internal(set) var fusesProjections = false
  /// Whether some numbers of a head may keep their place (`partial_rotary_factor`).
  var turnsPartly = false
  /// Whether `no_rope_layers` says which layers know no positions.
  var hasLayersWithoutRotary = false
  /// Whether `config.json` has Granite's multipliers.
  var hasMultipliers = false
  var gemma: Gemma?
}
