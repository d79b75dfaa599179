import Alignment

/// Splits a batch into parts that are small enough to compute at once (gradient accumulation).
package enum MicroBatches {
  /// The batch in order, in parts of at most `budget` computed tokens; an example that alone exceeds it goes alone.
  package static func split(_ batch: [TrainingExample], budget: Int) -> [ArraySlice<TrainingExample>] {
    ranges(of: batch.map(\.packedCount), budget: budget).map { batch[$0] }
  }

  /// Consecutive ranges whose sizes sum to at most `budget`, or that hold one size which exceeds it.
  static func ranges(of sizes: [Int], budget: Int) -> [Range<Int>] {
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
