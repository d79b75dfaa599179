/// How many lengths fall into each of some ranges of equal width.
struct Histogram {
  /// Where the first range begins.
  let start: Int
  /// The width of each range, a round number.
  let width: Int
  /// How many lengths are in each range. The first and the last also hold what lies beyond them.
  let counts: [Int]
  /// How many lengths lie below the first range and above the last.
  let (below, above): (Int, Int)

  /// Ranges between two lengths, about `count` of them, that begin and end at round numbers.
  static func ranges(from low: Int, to high: Int, count: Int = 40) -> (start: Int, width: Int, count: Int) {
    let rough = max(1, (high - low) / count)
    var width = 1
    for step in [1, 2, 5] {
      var candidate = step
      while candidate * 10 <= rough { candidate *= 10 }
      if candidate <= rough { width = max(width, candidate) }
    }
    let start = Int((Double(low) / Double(width)).rounded(.down)) * width
    return (start, width, max(1, (high - start) / width + 1))
  }

  /// The histogram of a column over some ranges.
  init(_ column: LengthColumn, _ ranges: (start: Int, width: Int, count: Int)) {
    (start, width) = (ranges.start, ranges.width)
    var counts = [Int](repeating: 0, count: ranges.count)
    var (below, above) = (0, 0)
    for length in column.sorted {
      let offset = Int(length) - ranges.start
      if offset < 0 { below += 1 } else if offset >= ranges.count * ranges.width { above += 1 }
      counts[min(ranges.count - 1, max(0, offset / ranges.width))] += 1
    }
    self.counts = counts
    (self.below, self.above) = (below, above)
  }
}
