import Collectives
import Foundation
import JSON
import ModelFiles
import Reporting
import Training
import Wording

/// One of the runs of a sweep.
struct SweepRun<Recipe: TrainingRecipe>: Sendable {
  /// How far it is.
  enum State: UInt8 { case new, begun, finished }

  /// The recipe, with the run's own folder.
  let recipe: Recipe
  /// The varied settings that make a difference to it.
  let settings: TextKeyed<String>

  /// Its folder.
  var folder: URL { recipe.saving.folder }

  /// What tells it from the others.
  var title: Wording {
    settings.enumerated().reduce("") { title, member in
      title + "\(member.offset == 0 ? "" : ", ")\(setting: member.element.key) \(member.element.value)"
    }
  }

  /// How far it is, as the first rank finds it.
  func state(among ranks: any Communicator) throws -> State {
    let found = try ranks.broadcast(ranks.isFirst ? [state.rawValue] : [])
    return found.first.flatMap(State.init) ?? .new
  }

  /// How far it is, by what its folder holds.
  /// - Throws: `TrainingError` where the finished run there had other settings.
  var state: State {
    get throws {
      let record = RunFolder.record(in: folder)
      guard FileManager.default.fileExists(atPath: record.path) else { return .new }
      // The card is written last.
      guard FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path),
        (try? ModelFolder(folder).openWeights()) != nil
      else { return .begun }
      var settled = recipe
      let begun = try Recipe(record: ConfigFile.values(from: record))
      settled.data.maxLength = recipe.data.maxLength ?? begun.data.maxLength
      settled.pace.learningRate = recipe.pace.learningRate ?? begun.pace.learningRate
      try RunRecord(settled).check(in: folder)
      return .finished
    }
  }

  /// A folder's name for a run: `beta-0.1_learning-rate-1e-06`.
  static func name(_ settings: TextKeyed<String>, _ taken: inout Set<String>) -> String {
    let parts = settings.map { name, text in
      // Of a path its end tells more than its beginning.
      let short = (text.split(separator: "/").last ?? "").prefix(40)
      return name + "-"
        + String(short.map { $0.isASCII && ($0.isLetter || $0.isNumber || "+-._".contains($0)) ? $0 : "-" })
    }
    let name = String(parts.joined(separator: "_").prefix(200))
    var (own, number) = (name, 1)
    while !taken.insert(own).inserted {
      number += 1
      own = "\(name)-\(number)"
    }
    return own
  }
}
