import ArgumentParser
import Datasets
import Evaluation
import Foundation
import JSON

/// Which benchmarks, and how they are asked.
struct TaskOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The tasks, separated by commas: names or files.", valueName: "name,..."))
  var tasks: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Where a task's data are: a file, a folder, or OWNER/NAME@REVISION on the hub. With one task the name may be left out.",
      valueName: "name=path"))
  var data: [String] = []

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("After whom prompts and scores are modelled.", valueName: "style"))
  var style = EvaluationStyle.standard

  @Option(help: "How many solved examples a prompt begins with; by default as many as is usual for the task.")
  var shots: Int?

  @Option(
    help: ArgumentHelp(
      "Solved examples to use instead of the data's: records with 'question' and 'answer'.", valueName: "file"))
  var shotsFile: String?

  @Option(help: "The most items of each task, or of each of its parts.")
  var limit: Int?

  @Option(help: "How the answers to a file of your own are compared with what is right.")
  var scorer = OwnTask.Scorer.exact

  @Flag(help: "Run programs that the model wrote even where bubblewrap is not installed to confine them.")
  var runGeneratedCode = false

  /// Whether reward models are asked.
  var isRewarding: Bool { names.contains { EvaluationTasks.rewarding.contains($0) } }

  var names: [String] { tasks.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) } }

  /// The paths of --data by the tasks' names.
  var places: TextKeyed<String> {
    TextKeyed(
      data.compactMap { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        // A path may have the sign too.
        guard parts.count == 2, EvaluationTasks.names.contains(parts[0]) else {
          return names.count == 1 ? (names[0], text) : nil
        }
        return (parts[0], parts[1])
      })
  }

  /// Refuses what no task can be asked with.
  func check() throws {
    guard shots ?? 0 >= 0, shots ?? 0 <= 1000 else {
      throw ValidationError("--shots must be from 0 to 1000, not \(shots ?? 0)")
    }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be at least 1, not \(limit ?? 0)") }
    for name in names where try !isFile(name) {
      let nearest = EvaluationTasks.names.joined(separator: ", ")
      do {
        guard try EvaluationTasks.named(name, TaskSettings(style: style)) != nil else {
          throw ValidationError("there is no task '\(name)'; the tasks are \(nearest), or a file of your own")
        }
      } catch let error as EvaluationError { throw ValidationError("--tasks: \(error)") }
    }
    guard !isRewarding || names.allSatisfy({ EvaluationTasks.rewarding.contains($0) }) else {
      throw ValidationError("--tasks: rewardbench asks reward models, the others language models; evaluate them apart")
    }
    guard Set(texts: names).count == names.count else { throw ValidationError("--tasks names a task twice") }
    for text in data where places.count < data.count && !names.contains(where: { text.hasPrefix($0 + "=") }) {
      throw ValidationError(
        "--data \(text): say whose data they are, as in \(names.first { EvaluationTasks.names.contains($0) } ?? names[0])=\(text)"
      )
    }
  }

  private func isFile(_ name: String) throws -> Bool {
    guard name.contains(".") || name.contains("/") else { return false }
    guard FileManager.default.fileExists(atPath: name) else { throw ValidationError("--tasks: \(name): no such file") }
    return true
  }

  /// The tasks with their items, in their order.
  /// - Parameter judging: who judges them.
  /// - Throws: errors of tasks and data.
  func questions(_ judging: JudgeOptions) throws -> [TaskQuestions] {
    let examples = try shotsFile.map { try BenchmarkData(at: $0).records(of: "train") }
    var settings = TaskSettings(style: style, shots: shots, examples: examples)
    if names.contains(where: { EvaluationTasks.running.contains($0) }) {
      do { settings.runner = try ProgramRunner(unconfined: runGeneratedCode) } catch {
        throw EvaluationError("\(error) (--run-generated-code)")
      }
    }
    return try names.map { name in
      try TaskQuestions(
        named: name, judging.settings(settings, of: name, among: names), scorer: scorer, limit: limit
      ) { try BenchmarkData.named(places[name], of: $0) }
    }
  }
}

extension EvaluationStyle: ExpressibleByArgument {}
extension OwnTask.Scorer: ExpressibleByArgument {}
