import Foundation
import ModelFiles
import Wording

extension AdapterSettings {
  /// The adapter that a run trains beside a model: the folder's own, or a new one; nil where all weights train.
  /// - Parameter scoring: whether the model is trained under a score.
  /// - Throws: `SettingError` where both are asked for.
  func config(for folder: ModelFolder, _ model: ModelSettings, scoring: Bool) throws -> AdapterConfig? {
    guard let stored = folder.adapter else {
      let (base, revision) = Self.revised(Self.baseName(folder, model))
      var config = config(base: base, of: folder.config, scoring: scoring)
      config?.revision = revision
      return config
    }
    guard loraRank == nil else {
      throw SettingError(
        "\(setting: "lora-rank") begins a new adapter, and \(stored.url.path) is one that is trained further; leave it out, or "
          + "merge that one into its base before")
    }
    var config = stored.config
    // One that named its base keeps the revision; another base has that of its own name.
    let (base, revision) = Self.revised(Self.baseName(folder, model))
    config.base = base
    if model.adapter != nil { config.revision = revision }
    return config
  }

  /// A name of the hub without the revision that follows an @; a path as it is.
  private static func revised(_ name: String) -> (String, revision: String?) {
    let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
    guard parts.count == 2, !FileManager.default.fileExists(atPath: name) else { return (name, nil) }
    return (parts[0], parts[1])
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
