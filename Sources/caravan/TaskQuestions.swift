import Evaluation
import Foundation
import Hub
import JSON

/// A task with its items.
struct TaskQuestions {
  let task: any EvaluationTask
  let items: [EvaluationItem]
  /// How many items the data have.
  let total: Int
  /// The SHA-256 of the data.
  let digest: String
  /// What a person should know, a line each.
  let remarks: [String]

  /// The items of a task's data, at most `limit` of each of their parts.
  /// - Throws: errors of the data.
  init(_ task: any EvaluationTask, _ data: BenchmarkData, limit: Int?) throws {
    self.task = task
    let all = try task.items(of: data)
    guard !all.isEmpty else { throw EvaluationError("\(task.name): \(data.name) has no items") }
    var counts: TextKeyed<Int> = [:]
    items = all.filter { item in
      let part = item.group ?? ""
      counts[part, default: 0] += 1
      return counts[part] ?? 0 <= limit ?? .max
    }
    (total, digest) = (all.count, try data.digest())
    var remarks = [task.remark].compactMap(\.self)
    // Tülu 2.5's sample is of its own size.
    if let count = task.source.count, count != all.count, all.count != 200 || task.name != "gsm8k" {
      remarks.append("\(task.name): \(data.name) has \(all.count) items; results are reported on \(count)")
    }
    self.remarks = remarks
  }
}

extension BenchmarkData {
  /// A task's data: at a path, or else on the hub.
  /// - Throws: `EvaluationError` with what to fetch.
  static func found(for task: any EvaluationTask, at path: String?) throws -> BenchmarkData {
    if let path { return try BenchmarkData(at: path) }
    let source = task.source
    let advice = "give them by --data \(task.name)=PATH (\(source.address))"
    guard let repository = source.repository else {
      throw EvaluationError("\(task.name): its data are not on the hub; \(advice)")
    }
    do {
      if let files = source.files {
        let there = try HubRepository(.dataset, repository)
        let snapshot = try Named.fetching(.matching(files)) {
          try await $0.snapshot(there, revision: source.revision, selecting: .matching(files))
        }
        return BenchmarkData(name: repository, splits: [source.split: snapshot.paths])
      }
      let splits = [source.split] + (task.shots > 0 ? [source.exampleSplit].compactMap(\.self) : [])
      let paths = try splits.map { split in (split, try Named.data([source.hubName(of: split) ?? repository])) }
      return BenchmarkData(name: repository, splits: TextKeyed(paths))
    } catch let error as HubError {
      throw EvaluationError("\(task.name): \(error); or \(advice)")
    }
  }
}
