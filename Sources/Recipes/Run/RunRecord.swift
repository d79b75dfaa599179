import Foundation
import JSON
import ModelFiles
import Reporting
import Training
import Wording

/// A recipe as a run keeps it, in `config.yaml`.
struct RunRecord {
  /// What the record of several runs has besides.
  static let sweepName = "sweep"

  /// The recipe's settings, by name.
  let values: TextKeyed<JSON>
  /// The first setting that decides the course of a run and is another in this record, with both values.
  private let firstDifference: (TextKeyed<JSON>) throws -> (name: String, own: JSON?, other: JSON?)?

  /// The record of a recipe.
  init<Recipe: Recipes.Recipe>(_ recipe: Recipe) {
    values = recipe.record
    firstDifference = { try recipe.firstDifference(from: Recipe(record: $0)) }
  }

  /// Writes the record of a new run, or checks that a resumed one has what it began with.
  /// - Throws: `TrainingError` naming the first setting that differs.
  func settle(in folder: URL, resuming: Bool) throws {
    if resuming { try check(in: folder) }
    try AtomicFile.write(Array(ConfigFile.text(of: values).utf8), to: RunFolder.record(in: folder).path)
  }

  /// Checks that the run in a folder has these settings.
  /// - Throws: `TrainingError` naming the first that differs.
  func check(in folder: URL) throws {
    let url = RunFolder.record(in: folder)
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let values = try ConfigFile.values(from: url)
    guard values[Self.sweepName] == nil else {
      throw TrainingError(
        "\(setting: "resume"): \(folder.path) holds a sweep; give its \(setting: Self.sweepName) too, or name the folder of one of "
          + "its runs")
    }
    guard let (name, own, other) = try firstDifference(values) else { return }
    throw TrainingError(
      "\(setting: "resume"): the run in \(folder.path) has \(Self.text(name, other)), not \(Self.text(name, own)); "
        + "resume with the same settings, or begin in another folder")
  }

  private static func text(_ name: String, _ value: JSON?) -> String {
    value.map { "'\(name): \($0.string ?? $0.text)'" } ?? "no '\(name)'"
  }
}
