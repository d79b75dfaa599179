import JSON

/// The lines of a `metrics.jsonl`, whatever has become of it.
package struct MetricsLines {
  /// The lines of metrics in their order, without the newline; none is a half-written last line.
  package private(set) var metrics: [(range: Range<Int>, step: Int)] = []
  /// The numbers, from 1, of whole lines that are neither metrics nor empty.
  package private(set) var foreign: [Int] = []

  /// Reads the bytes of the file.
  /// - Parameter body: is called with the step and all values of each line of metrics; none is kept.
  package init(_ bytes: [UInt8], _ body: (Int, JSON) -> Void = { _, _ in }) {
    var (start, number) = (0, 1)
    while start < bytes.count {
      let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
      let range = start..<(newline ?? bytes.count)
      if let values = try? JSON(parsing: Array(bytes[range])), let step = values["step"]?.int {
        metrics.append((range, step))
        body(step, values)
      } else if newline != nil, !range.isEmpty {
        foreign.append(number)
      }
      (start, number) = (range.upperBound + 1, number + 1)
    }
  }

  /// The ranges of the lines up to a step, and of that step itself the first ones, at most so many.
  func kept(through step: Int, atMost count: Int) -> [Range<Int>] {
    var left = count
    return metrics.compactMap { range, other in
      guard other <= step, other < step || left > 0 else { return nil }
      if other == step { left -= 1 }
      return range
    }
  }
}
