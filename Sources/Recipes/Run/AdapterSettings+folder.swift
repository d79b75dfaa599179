import Foundation
import ModelFiles
import Wording

extension AdapterSettings {
  /// The adapter that a run trains beside a model: the folder's own, or a new one; nil where all weights train.
  /// - Throws: `SettingError` where both are asked for.
  func config(for folder: ModelFolder, _ model: ModelSettings) throws -> AdapterConfig? {
    guard let stored = folder.adapter else { return config(base: Self.baseName(folder, model), of: folder.config) }
    guard loraRank == nil else {
      throw SettingError(
        "\(setting: "lora-rank") begins a new adapter, and \(stored.url.path) is one that is trained further; leave it out, or "
          + "merge that one into its base before")
    }
    var config = stored.config
    config.base = Self.baseName(folder, model)
    return config
  }

  /// What a written adapter calls its base: a path that holds wherever the adapter goes on this machine, or a name of the hub.
  private static func baseName(_ folder: ModelFolder, _ model: ModelSettings) -> String {
    let named = model.adapter == nil ? folder.adapter?.config.base : nil
    let name = named ?? model.model
    let isHere = [URL(filePath: name), folder.adapter?.url.appending(path: name)].contains {
      $0.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
    }
    return isHere ? folder.url.standardizedFileURL.path : name
  }
}
