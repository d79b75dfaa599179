/// A histogram in Prometheus' text format.
struct PrometheusHistogram {
  private let bounds: [Double]
  /// How many values are at most each bound.
  private var counts: [Int]
  private var total = 0
  private var sum = 0.0

  /// - Parameter bounds: the upper bounds of the buckets, ascending.
  init(bounds: [Double]) {
    self.bounds = bounds
    counts = bounds.map { _ in 0 }
  }

  mutating func add(_ value: Double) {
    total += 1
    sum += value
    for (index, bound) in bounds.enumerated() where value <= bound { counts[index] += 1 }
  }

  func text(_ name: String, _ help: String) -> String {
    var text = "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
    for (bound, count) in zip(bounds, counts) { text += "\(name)_bucket{le=\"\(bound)\"} \(count)\n" }
    text += "\(name)_bucket{le=\"+Inf\"} \(total)\n\(name)_sum \(sum)\n\(name)_count \(total)\n"
    return text
  }
}
