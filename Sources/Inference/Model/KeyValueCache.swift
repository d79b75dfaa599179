import ModelFiles
import Torch

/// The keys and values of a sequence's tokens so far, so that each new token costs one token's work.
final class KeyValueCache {
  /// The tokens held.
  private(set) var tokens: [Int32] = []
  /// The most tokens it can hold.
  let capacity: Int
  /// Per layer the keys, K × capacity/16 × S × 16, then the values, K × capacity × S.
  private let numbers: HostMemory
  /// The bytes of a layer's keys, or of its values.
  private let layerSize: Int

  /// An empty cache for at least `capacity` tokens.
  init(_ config: LlamaConfig, _ format: WeightFormat, capacity: Int) throws {
    self.capacity = (capacity + 15) / 16 * 16
    layerSize = config.keyHeadCount * self.capacity * config.headSize * format.cacheType.size
    numbers = try HostMemory.take(config.layerCount * 2 * layerSize)
  }

  func keys(_ layer: Int) -> UnsafeMutableRawPointer { numbers.base + 2 * layer * layerSize }
  func values(_ layer: Int) -> UnsafeMutableRawPointer { numbers.base + (2 * layer + 1) * layerSize }

  /// Counts tokens whose keys and values have been stored.
  func append(_ stored: ArraySlice<Int32>) { tokens += stored }
}

extension WeightFormat {
  /// The type of keys and values beside such weights.
  var cacheType: DType { self == .float32 ? .float32 : .bfloat16 }
}
