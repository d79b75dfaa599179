import Foundation
import JSON

/// A Hugging Face model folder: its configuration, read and validated, and the way to its weights.
public struct ModelFolder: Sendable {
  /// The folder.
  public let url: URL
  /// The model's shape.
  public let config: LlamaConfig
  /// How the folder wants text to be sampled.
  public let generationConfig: GenerationConfig

  /// Reads `config.json` and, where it exists, `generation_config.json`. Weights are not touched.
  /// - Throws: `ModelFileError`.
  public init(_ url: URL) throws {
    let path = url.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ModelFileError(path, "there is no such folder")
    }
    guard isFolder.boolValue else { throw ModelFileError(path, "is a file; name the folder that holds config.json") }
    let configPath = url.appendingPathComponent("config.json").path
    guard FileManager.default.fileExists(atPath: configPath) else {
      throw ModelFileError(path, "holds no config.json; it is no model folder")
    }
    self.url = url
    config = try LlamaConfig(json: JSONFile(configPath).json, path: configPath)
    let generationPath = url.appendingPathComponent("generation_config.json").path
    let hasGeneration = FileManager.default.fileExists(atPath: generationPath)
    generationConfig = try GenerationConfig(
      json: hasGeneration ? JSONFile(generationPath).json : nil, config: config, path: generationPath)
  }

  /// Opens the weights and checks that they are those of `config`; see `WeightFiles.check(against:)`.
  /// - Throws: `ModelFileError`.
  public func openWeights() throws -> WeightFiles {
    let weights = try WeightFiles(folder: url)
    try weights.check(against: config)
    return weights
  }
}
