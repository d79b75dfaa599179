import ModelFiles
import Torch

/// The keys and values of a sequence's tokens so far, so that each new token costs one token's work.
final class KeyValueCache {
  /// The tokens held.
  private(set) var tokens: [Int32] = []
  /// The most tokens it can hold.
  let capacity: Int
  /// Per layer the keys, K × capacity/16 × S × 16, then the values, K × capacity × S.
  private let numbers: Tensor
  private let layerSize: Int
  private let config: LlamaConfig

  /// An empty cache for at least `capacity` tokens.
  init(_ config: LlamaConfig, capacity: Int) throws {
    self.config = config
    self.capacity = (capacity + 15) / 16 * 16
    layerSize = config.keyHeadCount * self.capacity * config.headSize
    numbers = try Tensor(uninitialized: [config.layerCount * 2 * layerSize])
  }

  /// A cache for at least `capacity` tokens that begins with the first `count` of this one's; `count` is at most both.
  func copy(_ count: Int, capacity: Int) throws -> KeyValueCache {
    let copy = try KeyValueCache(config, capacity: capacity)
    let (S, heads) = (config.headSize, config.keyHeadCount)
    // Keys lie in blocks of sixteen; what is copied beyond the last one is written before it is read.
    let keyCount = min((count + 15) / 16 * 16, self.capacity) * S
    try parallel(config.layerCount * heads) { range in
      for index in range {
        let (layer, head) = (index / heads, index % heads)
        let (from, to) = (head * self.capacity * S, head * copy.capacity * S)
        (copy.keys(layer) + to).update(from: keys(layer) + from, count: keyCount)
        (copy.values(layer) + to).update(from: values(layer) + from, count: count * S)
      }
    }
    copy.append(tokens.prefix(count))
    return copy
  }

  func keys(_ layer: Int) -> UnsafeMutablePointer<Float> { numbers.floats + 2 * layer * layerSize }
  func values(_ layer: Int) -> UnsafeMutablePointer<Float> { numbers.floats + (2 * layer + 1) * layerSize }

  /// Counts tokens whose keys and values have been stored.
  func append(_ stored: ArraySlice<Int32>) { tokens += stored }
}
