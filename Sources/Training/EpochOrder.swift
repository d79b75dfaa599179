import Datasets

/// The order in which each epoch visits the examples: a shuffle that depends on the seed and the epoch alone, so that a
/// resumed run needs to remember no random state.
public struct EpochOrder: Sendable {
  /// The number of examples.
  public let count: Int
  /// Examples a step.
  public let batchSize: Int
  /// The seed of the shuffles; nil keeps the order of the files.
  public let seed: UInt64?

  /// An order of `count` examples in batches; the last batch of an epoch may be shorter.
  public init(count: Int, batchSize: Int, seed: UInt64?) {
    self.count = count
    self.batchSize = batchSize
    self.seed = seed
  }

  /// Steps an epoch.
  public var batchesPerEpoch: Int { (count + batchSize - 1) / batchSize }

  /// The batches of an epoch, from 0.
  public func batches(epoch: Int) -> [[Int]] {
    var order = Array(0..<count)
    if let seed {
      var generator = SplitMix64(seed: seed &+ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
      for last in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(last, generator.index(below: last + 1))
      }
    }
    return stride(from: 0, to: count, by: batchSize).map { Array(order[$0..<min($0 + batchSize, count)]) }
  }
}
