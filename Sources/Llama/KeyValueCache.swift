import Torch

/// The keys and values of a sequence's tokens so far, so that each new token costs one token's work.
public final class KeyValueCache {
  /// The number of tokens held.
  public internal(set) var length = 0
  /// The most tokens it can hold.
  public let capacity: Int
  /// Per layer: rotated keys and values, capacity×K·S.
  let keys: [Tensor]
  let values: [Tensor]

  /// An empty cache for up to `capacity` tokens.
  public init(model: LlamaModel, capacity: Int) throws {
    self.capacity = capacity
    let shape = [capacity, model.config.keyHeadCount * model.config.headSize]
    keys = try model.layers.map { _ in try Tensor(uninitialized: shape) }
    values = try model.layers.map { _ in try Tensor(uninitialized: shape) }
  }

  /// Stores the keys and values of one row of queries, keys and values (`H` and `K` heads of size `S`) at a token's place.
  func store(_ qkv: Tensor, row: Int, layer: Int, at token: Int, queryWidth: Int) {
    let width = keys[layer].shape[1]
    let source = qkv.floats + row * qkv.shape[1] + queryWidth
    (keys[layer].floats + token * width).update(from: source, count: width)
    (values[layer].floats + token * width).update(from: source + width, count: width)
  }
}
