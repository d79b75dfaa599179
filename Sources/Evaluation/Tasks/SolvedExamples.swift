import JSON
import Rewards

/// Solved examples for prompts.
struct SolvedExamples {
  private let records: [JSON]
  private let count: Int
  /// What draws them anew for each question; nil for the first ones before all.
  private var random: PythonRandom?

  /// Those that were given, or of the data's own split. Of the latter the harness draws for each question, with the seed 1234.
  /// - Throws: `EvaluationError` where there are too few.
  init(for task: some EvaluationTask, of data: BenchmarkData, _ settings: TaskSettings) throws {
    count = task.shots
    if count == 0 {
      records = []
    } else if let examples = settings.examples {
      records = examples
    } else if let split = task.source.exampleSplit {
      records = try data.records(of: split, configuration: task.source.configuration)
      if settings.style == .harness { random = PythonRandom(seed: 1234) }
    } else {
      records = []
    }
    guard records.count >= count else {
      throw EvaluationError("\(task.name): there are \(records.count) solved examples, not \(count)")
    }
  }

  /// Those before the next question.
  mutating func next() -> [JSON] {
    random?.sample(count, below: records.count).map { records[$0] } ?? Array(records.prefix(count))
  }
}
