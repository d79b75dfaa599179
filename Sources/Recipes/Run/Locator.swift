import Datasets
import Evaluation
import Foundation
import Wording

/// Finds what a recipe names: models and data of this machine, or of wherever else it knows.
public protocol Locator {
  /// The folder of a model.
  func model(_ name: String) throws -> URL
  /// The files of data, and what a person should know about how they were found.
  func data(_ names: [String]) throws -> (paths: [String], remarks: [String])
  /// What a report calls a name.
  func title(_ name: String) -> String
  /// The data of a benchmark at the place that a person names; nil where the task says it.
  func benchmark(_ task: any EvaluationTask, at place: String?) throws -> BenchmarkData
}

extension Locator {
  /// Those of a path, which is to be named.
  public func benchmark(_ task: any EvaluationTask, at place: String?) throws -> BenchmarkData {
    guard let place else {
      throw SettingError(
        "\(setting: "eval-task"): say where the data of \(task.name) are, as \(task.name)=PATH (\(task.source.address))"
      )
    }
    return try BenchmarkData(at: place)
  }
}

/// Knows folders and files of this machine only.
public struct LocalLocator: Locator {
  /// The locator.
  public init() {}

  /// The folder of that path.
  public func model(_ name: String) -> URL { URL(filePath: name) }

  /// The files of these paths, folders and splits.
  public func data(_ names: [String]) throws -> (paths: [String], remarks: [String]) {
    let found = try DataFiles.find(names)
    return (found.paths, found.remarks)
  }

  /// The last part of a path.
  public func title(_ name: String) -> String { URL(filePath: name).lastPathComponent }
}
