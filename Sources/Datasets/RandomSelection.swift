/// Chooses a number of records at random, without replacement, as they come by (Knuth, algorithm S).
package struct RandomSelection {
  private var generator: SplitMix64
  private var remaining: Int
  private var wanted: Int
  private let copies: Int

  /// - Parameters:
  ///   - wanted: how many are chosen. More than there are means each record as often as possible, and some once more.
  ///   - count: how many records there are.
  package init(_ wanted: Int, of count: Int, seed: UInt64) {
    copies = count > 0 ? wanted / count : 0
    self.wanted = wanted - copies * count
    remaining = count
    generator = SplitMix64(seed: seed)
  }

  /// How many times the next record is taken.
  package mutating func next() -> Int {
    guard remaining > 0 else { return 0 }
    let isChosen = generator.index(below: remaining) < wanted
    remaining -= 1
    if isChosen { wanted -= 1 }
    return copies + (isChosen ? 1 : 0)
  }
}
