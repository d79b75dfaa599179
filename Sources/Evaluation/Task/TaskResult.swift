/// What a model got on a benchmark.
public struct TaskResult: Sendable {
  /// The task's name.
  public let name: String
  /// Its name in papers.
  public let title: String
  /// How many solved examples prompts began with.
  public let shots: Int
  /// The items that were answered.
  public let count: Int
  /// The values, the one that reports quote first.
  public let values: [MetricValue]
  /// The same for parts of the benchmark.
  public let groups: [GroupResult]
  /// The same for groups of parts.
  public let categories: [GroupResult]

  /// A result.
  public init(
    name: String, title: String, shots: Int, count: Int, values: [MetricValue], groups: [GroupResult] = [],
    categories: [GroupResult] = []
  ) {
    (self.name, self.title, self.shots, self.count) = (name, title, shots, count)
    (self.values, self.groups, self.categories) = (values, groups, categories)
  }

  /// The value of a metric by its key.
  public subscript(key: String) -> Double? { values.first { $0.metric.key == key }?.value }
}

/// What a part of a benchmark came to.
public struct GroupResult: Sendable {
  /// The part's name.
  public let name: String
  /// The values.
  public let values: [MetricValue]
  /// Its items.
  public let count: Int

  /// A part.
  public init(name: String, values: [MetricValue], count: Int) {
    (self.name, self.values, self.count) = (name, values, count)
  }
}
