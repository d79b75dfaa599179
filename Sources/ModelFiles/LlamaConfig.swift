import JSON

/// The shape of a model of a known family, as its `config.json` describes it.
///
/// All numbers are validated: heads divide evenly, sizes are positive, and no product of them overflows.
public struct LlamaConfig: Sendable, Equatable {
  /// The architecture.
  public let modelType: ModelType
  /// Rows of the embedding.
  public let vocabularySize: Int
  /// Numbers a token between layers.
  public let hiddenSize: Int
  /// Width of the gated feed-forward network.
  public let feedForwardSize: Int
  /// Transformer layers.
  public let layerCount: Int
  /// Query heads.
  public let headCount: Int
  /// Key and value heads; each serves `headCount / keyHeadCount` query heads.
  public let keyHeadCount: Int
  /// Numbers a head; even, since rotary embeddings turn pairs.
  public let headSize: Int
  /// Added to the mean square before its root is taken.
  public let rmsNormEpsilon: Double
  /// The base of the rotary frequencies, in layers that see all.
  public let ropeTheta: Double
  /// How the rotary frequencies are stretched, in layers that see all.
  public let ropeScaling: RopeScaling
  /// The longest sequence that the model is meant for.
  public let maxPositions: Int
  /// Whether the output projection is the embedding itself.
  public internal(set) var tiesEmbeddings: Bool
  /// Whether query, key and value projections have a bias.
  public let attentionBias: Bool
  /// Whether the attention's output projection has a bias.
  public let outputBias: Bool
  /// Whether the feed-forward projections have biases.
  public let mlpBias: Bool
  /// Tokens that a token sees, itself included, in at least one layer; nil where every layer sees all.
  public let slidingWindow: Int?
  /// What each layer's attention sees, and how it knows positions.
  public let attention: [LayerAttention]
  /// What the model multiplies by on its way.
  public let multipliers: Multipliers
  /// The token that begins a text. May lie outside the vocabulary.
  public let bosTokenID: Int?
  /// The token that fills up texts of a batch, where the config names one. May lie outside the vocabulary.
  public internal(set) var padTokenID: Int?
  /// What the model makes of its last hidden states.
  public internal(set) var head: Head
  /// The tokens that end a text; none where the config does not say. May lie outside the vocabulary.
  public let eosTokenIDs: [Int]
  /// The type that the weights are stored in, where the config says it.
  public let elementType: ElementType?
  /// The whole `config.json`, with the keys that this type does not know.
  public internal(set) var json: JSON

  /// What the layers compute.
  public var family: Family { modelType.family }

  static let largestPosition = 1 << 30
}
