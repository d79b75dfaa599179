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

  /// An empty cache for at least `capacity` tokens.
  init(_ config: LlamaConfig, capacity: Int) throws {
    self.capacity = (capacity + 15) / 16 * 16
    layerSize = config.keyHeadCount * self.capacity * config.headSize
    numbers = try Tensor(uninitialized: [config.layerCount * 2 * layerSize])
  }

  func keys(_ layer: Int) -> UnsafeMutablePointer<Float> { numbers.floats + 2 * layer * layerSize }
  func values(_ layer: Int) -> UnsafeMutablePointer<Float> { numbers.floats + (2 * layer + 1) * layerSize }

  /// Counts tokens whose keys and values have been stored.
  func append(_ stored: ArraySlice<Int32>) { tokens += stored }
}
