import Datasets

/// Which examples each epoch takes of several sources that lie one after the other: each as often as its source's weight says, and
/// where that is no whole number some of them, drawn anew in each epoch, once more. The draw depends on the seed and the epoch alone,
/// as the order does.
public struct Mixture: Sendable {
  /// Examples that have a weight in common.
  public struct Source: Sendable {
    /// How many there are.
    public let count: Int
    /// How often an epoch takes each: 2 is twice, 0.5 a random half of them.
    public let weight: Double

    /// So many examples with a weight.
    public init(count: Int, weight: Double) { (self.count, self.weight) = (count, weight) }

    /// How many an epoch takes, each counted as often as it is taken.
    public var drawnCount: Int { Int((weight * Double(count)).rounded()) }
  }

  /// The sources, in the order in which their examples lie.
  public let sources: [Source]
  /// The seed of the draws.
  public let seed: UInt64

  /// A mixture of sources.
  public init(_ sources: [Source], seed: UInt64) { (self.sources, self.seed) = (sources, seed) }

  /// How many examples an epoch takes.
  public var drawnCount: Int { sources.map(\.drawnCount).reduce(0, +) }

  /// What an epoch takes, from 0: places among the examples. Each source's stand in their order, once through for each time.
  public func places(epoch: Int) -> [Int] {
    var (places, first, seeds) = ([Int](), 0, SplitMix64(seed: seed))
    for source in sources {
      var selection = RandomSelection(
        source.drawnCount, of: source.count, seed: seeds.next() &+ UInt64(epoch) &* 0xD1B5_4A32_D192_ED03)
      let times = (0..<source.count).map { _ in selection.next() }
      for pass in 0..<(times.max() ?? 0) { places += times.indices.filter { times[$0] > pass }.map { first + $0 } }
      first += source.count
    }
    return places
  }
}
