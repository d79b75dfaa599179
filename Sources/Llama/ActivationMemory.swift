import ModelFiles

/// The bytes that activations take in a training step, and how many layers to compute twice so that they fit.
///
/// The layers that are computed again are the first ones: when the backward reaches them, those that kept everything have
/// given their memory back.
public struct ActivationMemory: Sendable {
  private let layerCount: Int
  // Bytes a token: a layer's input; what a layer keeps besides as far as its feed-forward, and of that; what the backward of
  // an attention needs.
  private let input: Int
  private let attention: Int
  private let gateUp: Int
  private let gradients: Int

  /// The activations of a model.
  public init(_ config: LlamaConfig) {
    let layers = config.architecture.layers
    let (D, layer) = (config.hiddenSize, layers[0])
    let (qkv, queries) = (layer.queryKeyValue.outputs, layer.output.inputs)
    layerCount = layers.count
    input = 4 * D
    // Queries, keys and values, the attended values with their log-sum-exps, and the sum that follows.
    let keys = config.keyHeadCount * config.headSize
    let normalized = [(layer.queryNorm, queries), (layer.keyNorm, keys)].reduce(0) { sum, norm in
      sum + (norm.0.map { norm.1 + norm.1 / $0.count } ?? 0)
    }
    let change = layer.outputNorm == nil ? 0 : D
    attention = 4 * (qkv + normalized + queries + config.headCount + change + D)
    gateUp = 4 * layer.gateUp.outputs
    gradients = 4 * (qkv + queries + (layer.outputNorm == nil ? 4 : 7) * D)
  }

  /// What the forward of so many tokens keeps where the first `recomputed` layers are computed again.
  public func kept(tokens: Int, recomputing recomputed: Int) -> Int {
    // While a layer is computed again it has what all layers have that are not, but for the feed-forward's blocks.
    let whole = recomputed < layerCount ? (layerCount - recomputed) * (attention + gateUp) : attention
    return tokens * (layerCount * input + whole)
  }

  /// What is needed besides while the backward is at one layer.
  public func workspace(tokens: Int) -> Int {
    // The feed-forward's block: gate and up, the hidden layer, and its gradient.
    tokens * gradients + min(tokens, DecoderLayer.blockRows) * 2 * gateUp
  }

  /// What a layer's products in bfloat16 make of a factor and of the result, where they are widest.
  package func narrowCopies(tokens: Int) -> Int { min(tokens, DecoderLayer.blockRows) * gateUp }

  /// Both together.
  public func total(tokens: Int, recomputing recomputed: Int) -> Int {
    kept(tokens: tokens, recomputing: recomputed) + workspace(tokens: tokens)
  }

  /// The fewest layers to compute again so that so many tokens stay within a budget; all where that is not enough.
  public func recomputedLayers(tokens: Int, budget: Int) -> Int {
    (0..<layerCount).first { total(tokens: tokens, recomputing: $0) <= budget } ?? layerCount
  }
}
