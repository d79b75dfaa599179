import Alignment
import Datasets

/// The order in which each epoch visits the examples: a shuffle that depends on the seed and the epoch alone, so that a
/// resumed run needs to remember no random state.
public struct EpochOrder: Sendable {
  /// The number of examples of an epoch.
  public let count: Int
  /// Examples a step.
  public let batchSize: Int
  /// The seed of the shuffles; nil keeps the order of the files.
  public let seed: UInt64?
  /// What each epoch takes of several sources; nil where it takes every example once.
  private let mixture: Mixture?

  /// An order of `count` examples in batches; the last batch of an epoch may be shorter.
  public init(count: Int, batchSize: Int, seed: UInt64?) {
    (self.count, self.batchSize, self.seed, mixture) = (count, batchSize, seed, nil)
  }

  /// An order of what each epoch takes of a mixture.
  public init(_ mixture: Mixture, batchSize: Int, seed: UInt64?) {
    (count, self.batchSize, self.seed, self.mixture) = (mixture.drawnCount, batchSize, seed, mixture)
  }

  /// Steps an epoch.
  public var batchesPerEpoch: Int { (count + batchSize - 1) / batchSize }

  /// The batches of an epoch, from 0.
  public func batches(epoch: Int) -> [[Int]] {
    var order = mixture?.places(epoch: epoch) ?? Array(0..<count)
    if let seed {
      var generator = SplitMix64(seed: seed &+ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
      for last in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(last, generator.index(below: last + 1))
      }
    }
    return order.chunked(batchSize)
  }

  /// The steps of so many epochs, of which a fraction ends within one.
  /// - Parameter maxSteps: the most steps, where that is fewer.
  public func steps(epochs: Double, maxSteps: Int? = nil) -> Int {
    let steps = Int((epochs * Double(batchesPerEpoch)).rounded(.up))
    return maxSteps.map { min($0, steps) } ?? steps
  }

  /// Batches of all that a run of so many steps visits: those of the first epoch, and then what later ones draw besides.
  public func batches(covering steps: Int) -> [[Int]] {
    let first = batches(epoch: 0)
    guard let mixture else { return first }
    var (covered, rest) = (Set(first.joined()), [Int]())
    let total = mixture.sources.map(\.count).reduce(0, +)
    for epoch in 1..<max(2, (steps + batchesPerEpoch - 1) / batchesPerEpoch) where covered.count < total {
      rest += mixture.places(epoch: epoch).filter { covered.insert($0).inserted }
    }
    return first + rest.chunked(batchSize)
  }
}

/// Examples of a data set, shuffled anew in each epoch.
public struct ShuffledExamples: BatchSource {
  /// The examples, in the order of the data set.
  public let examples: [TrainingExample]
  /// The order in which epochs visit them.
  public let order: EpochOrder
  /// The steps of the whole run.
  public let totalSteps: Int
  /// That of the examples in their order; seed and sizes are settings of the run.
  public let fingerprint: String
  private var current: (epoch: Int, batches: [[Int]])

  /// Examples in batches of a size, for so many epochs; a fraction ends within one.
  /// - Parameters:
  ///   - seed: of the shuffles; nil keeps the order of the data set.
  ///   - maxSteps: the most steps, where that is fewer than the epochs have.
  public init(_ examples: [TrainingExample], batchSize: Int, epochs: Double, seed: UInt64?, maxSteps: Int? = nil) {
    let order = EpochOrder(count: examples.count, batchSize: batchSize, seed: seed)
    self.init(examples, in: order, epochs: epochs, maxSteps: maxSteps)
  }

  /// Examples in an order, which may be that of a mixture.
  public init(_ examples: [TrainingExample], in order: EpochOrder, epochs: Double, maxSteps: Int? = nil) {
    self.examples = examples
    self.order = order
    fingerprint = examples.fingerprint
    current = (0, order.batches(epoch: 0))
    totalSteps = order.steps(epochs: epochs, maxSteps: maxSteps)
  }

  /// The batch of the step that `step` others precede.
  public mutating func batch(after step: Int) -> SourcedBatch {
    let (epoch, index) = step.quotientAndRemainder(dividingBy: order.batchesPerEpoch)
    if current.epoch != epoch { current = (epoch, order.batches(epoch: epoch)) }
    let (done, rest) = (step + 1).quotientAndRemainder(dividingBy: order.batchesPerEpoch)
    return SourcedBatch(
      examples: current.batches[index].map { examples[$0] },
      epoch: Double(done) + min(1, Double(rest * order.batchSize) / Double(order.count)),
      endsEpoch: rest == 0)
  }
}

extension [Int] {
  /// Stretches of a length; the last may be shorter.
  fileprivate func chunked(_ length: Int) -> [[Int]] {
    stride(from: 0, to: count, by: length).map { Array(self[$0..<Swift.min($0 + length, count)]) }
  }
}
