import Evaluation
import Foundation
import Hub
import JSON

extension BenchmarkData {
  /// A task's data at a place that a person names: a path, or OWNER/NAME of the hub, with @REVISION where it is not the newest; the
  /// task's own on the hub where there is none.
  static func named(_ place: String?, of task: any EvaluationTask) throws -> BenchmarkData {
    guard let place, let name = HubName(place), name.split == nil, !FileManager.default.fileExists(atPath: place) else {
      return try place.map { try BenchmarkData(at: $0) } ?? onHub(of: task)
    }
    return try onHub(of: task, at: name)
  }

  /// A task's data on the hub.
  /// - Parameter place: the repository and the revision to take them from; nil for the task's own.
  /// - Throws: `EvaluationError` with what to fetch.
  static func onHub(of task: any EvaluationTask, at place: HubName? = nil) throws -> BenchmarkData {
    let source = place.map { task.source.at($0.repository, revision: $0.revision) } ?? task.source
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
        return BenchmarkData(
          name: repository, splits: [source.split: snapshot.paths], revision: revision(of: snapshot.paths))
      }
      let splits = [source.split] + (task.shots > 0 ? [source.exampleSplit].compactMap(\.self) : [])
      let paths = try splits.map { split in (split, try Named.data([source.hubName(of: split) ?? repository])) }
      return BenchmarkData(name: repository, splits: TextKeyed(paths), revision: revision(of: paths.flatMap(\.1)))
    } catch let error as HubError {
      throw EvaluationError("\(task.name): \(error); or \(advice)")
    }
  }

  /// The commit that files of the cache are of: `…/snapshots/COMMIT/…`.
  private static func revision(of paths: [String]) -> String? {
    let parts = paths.first?.split(separator: "/") ?? []
    guard let place = parts.lastIndex(of: "snapshots"), place + 1 < parts.count else { return nil }
    return String(parts[place + 1])
  }
}
