import Foundation
import JSON

/// A task with its items.
public struct TaskQuestions: Sendable {
  /// The task.
  public let task: any EvaluationTask
  /// The items that are asked.
  public let items: [EvaluationItem]
  /// How many items the data have.
  public let total: Int
  /// The SHA-256 of the data.
  public let digest: String
  /// The commit of the hub's repository that they are of; nil where they are not the hub's.
  public let revision: String?
  /// What a person should know, a line each.
  public let remarks: [String]

  /// The items of a task's data, at most `limit` of each of their parts.
  /// - Parameter style: after whom the task is modelled, where it can be.
  /// - Throws: errors of the data.
  public init(
    _ task: any EvaluationTask, _ data: BenchmarkData, style: EvaluationStyle = .standard, limit: Int?
  ) throws {
    self.task = task
    let isOfHarness = style == .harness && task.hasHarnessForm
    var all = try task.items(of: data)
    if isOfHarness { for index in all.indices { all[index].prompt.keepsShots = true } }
    guard !all.isEmpty else { throw EvaluationError("\(task.name): \(data.name) has no items") }
    var counts: TextKeyed<Int> = [:]
    items = all.filter { item in
      let part = item.group ?? ""
      counts[part, default: 0] += 1
      return counts[part] ?? 0 <= limit ?? .max
    }
    (total, digest, revision) = (all.count, try data.digest(), data.revision)
    var remarks = [task.remark, try task.remark(on: items)].compactMap(\.self)
    if style == .harness, !isOfHarness {
      remarks.append("\(task.name): asked in Caravan's own way, not as lm-evaluation-harness asks it")
    }
    // Tülu 2.5's sample is of its own size.
    if let count = task.source.count, count != all.count, all.count != 200 || task.name != "gsm8k" {
      remarks.append("\(task.name): \(data.name) has \(all.count) items; results are reported on \(count)")
    }
    self.remarks = remarks
  }

  /// The items of a file of one's own, or of a task by its name.
  /// - Parameters:
  ///   - place: where the task's data are; nil for wherever `locating` finds them.
  ///   - locating: finds data that no path names.
  /// - Throws: errors of the data; `EvaluationError` for a name that is none.
  public init(
    named name: String, _ settings: TaskSettings = TaskSettings(), at place: String? = nil,
    scorer: OwnTask.Scorer = .exact, limit: Int? = nil,
    locating: (any EvaluationTask) throws -> BenchmarkData
  ) throws {
    if let task = try EvaluationTasks.named(name, settings) {
      let data = try place.map { try BenchmarkData(at: $0) } ?? locating(task)
      self = try TaskQuestions(task, data, style: settings.style, limit: limit)
      return
    }
    guard FileManager.default.fileExists(atPath: name) else {
      throw EvaluationError(
        "there is no task '\(name)'; the tasks are \(EvaluationTasks.names.joined(separator: ", ")), or a file of your own"
      )
    }
    let data = try BenchmarkData(at: name)
    let hasChoices = try data.records(of: "test").first?["choices"] != nil
    self = try TaskQuestions(OwnTask(file: name, scorer: scorer, hasChoices: hasChoices), data, limit: limit)
  }
}
