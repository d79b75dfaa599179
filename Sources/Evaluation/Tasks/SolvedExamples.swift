import JSON

/// Solved examples for prompts.
enum SolvedExamples {
  /// The first of those that were given, or of the data's own split.
  /// - Throws: `EvaluationError` where there are too few.
  static func records(
    for task: some EvaluationTask, of data: BenchmarkData, _ settings: TaskSettings
  ) throws -> [JSON] {
    guard task.shots > 0 else { return [] }
    var records = settings.examples
    if records == nil, let split = task.source.exampleSplit {
      records = try data.records(of: split, configuration: task.source.configuration)
    }
    guard let records else { return [] }
    guard records.count >= task.shots else {
      throw EvaluationError("\(task.name): there are \(records.count) solved examples, not \(task.shots)")
    }
    return Array(records.prefix(task.shots))
  }
}
