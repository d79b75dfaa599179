import JSON

/// A measure of a task.
public struct Metric: Sendable, Equatable {
  /// The name: `exact_match`.
  public let name: String
  /// How the answer was read before, as lm-evaluation-harness names it; `none` for as it is.
  public let filter: String
  /// Whether more is better.
  public let isHigherBetter: Bool
  /// Whether there is one number for each item, so that the mean has a standard error.
  public let isByItem: Bool

  /// A measure.
  public init(_ name: String, filter: String = "none", isHigherBetter: Bool = true, isByItem: Bool = true) {
    (self.name, self.filter, self.isHigherBetter, self.isByItem) = (name, filter, isHigherBetter, isByItem)
  }

  /// The name in results: `exact_match,none`.
  public var key: String { "\(name),\(filter)" }

  /// The mean of what items got, with its standard error; nil where none got anything.
  public func mean(of scored: [ScoredItem]) -> MetricValue? {
    let numbers = scored.flatMap { $0.scores[key] ?? [] }
    guard !numbers.isEmpty else { return nil }
    return MetricValue(
      metric: self, value: SampleStatistics.mean(numbers),
      standardError: isByItem ? SampleStatistics.standardError(numbers) : nil)
  }
}

/// What a measure came to.
public struct MetricValue: Sendable, Equatable {
  /// The measure.
  public let metric: Metric
  /// Its value.
  public let value: Double
  /// The standard error of the value; nil where there is no formula for it.
  public let standardError: Double?

  /// A value.
  public init(metric: Metric, value: Double, standardError: Double?) {
    (self.metric, self.value, self.standardError) = (metric, value, standardError)
  }
}
