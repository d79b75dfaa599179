/// A model as roles: which tensors it has, of which shapes, and which of them lie beside one another since one product
/// serves them all.
///
/// This is the one description of a model. Training, answering, model files, GGUF and the memory estimate read it, each
/// with what it does for a role.
public struct Architecture: Sendable {
  /// The tokens' vectors, V×D.
  public let embedding: Tensor
  /// The decoder's layers, in their order.
  public let layers: [Layer]
  /// The norm after the last layer, D.
  public let norm: Tensor
  /// The projection to the vocabulary, V×D; nil where the embedding serves, and where there is no logit to ask for.
  public let projection: Tensor?
  /// What makes scores of hidden states, L×D for L labels; nil in a language model.
  public let score: Tensor?

  /// One layer of the decoder, in the order in which it computes. Which norms there are is the family's to say.
  public struct Layer: Sendable {
    /// The norm before the attention, D.
    public let attentionNorm: Tensor?
    /// Queries, keys and values: (H+2K)·S × D; one matrix where the files join them.
    public let queryKeyValue: Linear
    /// The norms of queries and keys, of each head (S) or of all (H·S and K·S); nil where there are none.
    public let queryNorm: Tensor?, keyNorm: Tensor?
    /// The attention's output, D × H·S.
    public let output: Linear
    /// The norm of the attention's output, D.
    public let outputNorm: Tensor?
    /// The norm before the feed-forward, D.
    public let feedForwardNorm: Tensor?
    /// Gate and up: 2F×D; one matrix where the files join them.
    public let gateUp: Linear
    /// The feed-forward's output, D×F.
    public let down: Linear
    /// The norm of the feed-forward's output, D.
    public let downNorm: Tensor?

    /// All its tensors, in the order in which they are used.
    public var tensors: [Tensor] {
      let attention =
        [attentionNorm].compactMap(\.self) + queryKeyValue.tensors + [queryNorm, keyNorm].compactMap(\.self)
      let middle = output.tensors + [outputNorm, feedForwardNorm].compactMap(\.self)
      return attention + middle + gateUp.tensors + down.tensors + [downNorm].compactMap(\.self)
    }
  }

  /// Matrices that multiply the same input, and what is added to their products: y = x · Wᵀ + b.
  ///
  /// In memory they are neighbours, so that one product serves all of them; in files each has a name of its own.
  public struct Linear: Sendable {
    /// The matrices, outputs × inputs.
    public let weights: [Tensor]
    /// As many vectors, or none.
    public let biases: [Tensor]

    /// Matrices beside one another, without biases.
    public init(joining weights: [Tensor]) { (self.weights, biases) = (weights, []) }

    init(weights: [Tensor], biases: [Tensor]) { (self.weights, self.biases) = (weights, biases) }

    /// Numbers that go in.
    public var inputs: Int { weights[0].shape[1] }
    /// Numbers that come out, of all matrices together.
    public var outputs: Int { weights.reduce(0) { $0 + $1.shape[0] } }

    /// Each matrix, with its bias after it.
    public var tensors: [Tensor] {
      biases.isEmpty ? weights : zip(weights, biases).flatMap { [$0, $1] }
    }
  }

  /// All tensors, in the order in which the model uses them.
  public var tensors: [Tensor] { groups.flatMap(\.self) }

  /// The same in the order in which memory holds them: of each group the matrices and norms, then the biases.
  public var tensorsInMemory: [Tensor] { groups.flatMap { $0.filter { !$0.isBias } + $0.filter(\.isBias) } }

  /// Where each tensor's first number is among all of the model's in that order, by the tensor's name: what a fixed dither goes by.
  public var places: [String: Int] {
    var (places, place): ([String: Int], Int) = ([:], 0)
    for tensor in tensorsInMemory {
      places[tensor.name] = place
      place += tensor.count
    }
    return places
  }

  /// The same, group by group.
  public var groups: [[Tensor]] {
    [[embedding]] + layers.map(\.tensors) + [[norm]] + [projection, score].compactMap { $0.map { [$0] } }
  }

  /// The numbers of all tensors.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
}
