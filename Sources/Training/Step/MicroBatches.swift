import Alignment

/// Splits a batch into parts that are small enough to compute at once (gradient accumulation).
package enum MicroBatches {
  /// The part of a batch that each rank computes: consecutive examples, cut so that parts have about as many tokens. One rank has
  /// all of them.
  static func shares(of batch: [TrainingExample], among count: Int) -> [Range<Int>] {
    shares(of: batch.map(\.packedCount), among: count)
  }

  /// The same for examples of so many tokens.
  package static func shares(of sizes: [Int], among count: Int) -> [Range<Int>] {
    guard count > 1 else { return [sizes.indices] }
    let total = sizes.reduce(0, +)
    var (cuts, before) = ([Int](), 0)
    for (index, size) in sizes.enumerated() {
      // An example goes to the rank in whose share of the tokens its middle lies.
      while (2 * before + size) * count >= 2 * total * (cuts.count + 1) { cuts.append(index) }
      before += size
    }
    cuts += [Int](repeating: sizes.count, count: count - 1 - cuts.count)
    return zip([0] + cuts, cuts + [sizes.count]).map { $0..<$1 }
  }

  /// Consecutive ranges whose sizes sum to at most `budget`, or that hold one size which exceeds it.
  package static func ranges(of sizes: [Int], budget: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (start, total) = (0, 0)
    for (index, size) in sizes.enumerated() {
      if index > start, total + size > budget {
        ranges.append(start..<index)
        (start, total) = (index, 0)
      }
      total += size
    }
    if start < sizes.count { ranges.append(start..<sizes.count) }
    return ranges
  }
}
