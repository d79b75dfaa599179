import ModelFiles
import Torch

/// The keys and values of a sequence's tokens so far, so that each new token costs one token's work.
final class KeyValueCache {
  /// The tokens held.
  private(set) var tokens: [Int32] = []
  /// The generation of the weights that they were computed with.
  private(set) var generation: Int
  /// The most tokens it can hold.
  let capacity: Int
  /// Per layer the keys, K × capacity/16 × S × 16, then the values, K × capacity × S.
  private let numbers: HostMemory
  /// The bytes of a layer's keys, or of its values.
  private let layerSize: Int
  private let config: LlamaConfig
  private let format: WeightFormat

  /// An empty cache for at least `capacity` tokens that a model's weights of now read.
  convenience init(_ model: InferenceModel, capacity: Int) throws {
    try self.init(model.config, model.format, generation: model.generation, capacity: capacity)
  }

  private init(_ config: LlamaConfig, _ format: WeightFormat, generation: Int, capacity: Int) throws {
    (self.config, self.format, self.generation) = (config, format, generation)
    self.capacity = (capacity + 15) / 16 * 16
    layerSize = config.keyHeadCount * self.capacity * config.headSize * format.cacheType.size
    numbers = try HostMemory.take(config.layerCount * 2 * layerSize)
  }

  /// A cache for at least `capacity` tokens that begins with the first `count` of this one's; `count` is at most both.
  func copy(_ count: Int, capacity: Int) throws -> KeyValueCache {
    let copy = try KeyValueCache(config, format, generation: generation, capacity: capacity)
    let (rowSize, heads) = (config.headSize * format.cacheType.size, config.keyHeadCount)
    // Keys lie in blocks of sixteen; what is copied beyond the last one is written before it is read.
    let keySize = (count + 15) / 16 * 16 * rowSize
    try parallel(config.layerCount * heads) { range in
      for index in range {
        let (layer, head) = (index / heads, index % heads)
        let (from, to) = (head * self.capacity * rowSize, head * copy.capacity * rowSize)
        (copy.keys(layer) + to).copyMemory(from: keys(layer) + from, byteCount: keySize)
        (copy.values(layer) + to).copyMemory(from: values(layer) + from, byteCount: count * rowSize)
      }
    }
    copy.append(tokens.prefix(count))
    return copy
  }

  func keys(_ layer: Int) -> UnsafeMutableRawPointer { numbers.base + 2 * layer * layerSize }
  func values(_ layer: Int) -> UnsafeMutableRawPointer { numbers.base + (2 * layer + 1) * layerSize }

  /// Forgets everything: weights of another generation will read the sequence.
  func forget(for generation: Int) {
    tokens = []
    self.generation = generation
  }

  /// Counts tokens whose keys and values have been stored.
  func append(_ stored: ArraySlice<Int32>) { tokens += stored }
}

extension WeightFormat {
  /// The type of keys and values beside such weights.
  var cacheType: DType { self == .float32 ? .float32 : .bfloat16 }
}
