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
  /// What its files say against each other, and how that is settled, a line each.
  public let remarks: [String]

  /// Reads `config.json` and, where it exists, `generation_config.json`. Weights are not touched, but for an output
  /// projection beside an embedding that `config.json` ties it to.
  /// - Throws: `ModelFileError`.
  public init(_ url: URL) throws {
    try Self.requireModel(url)
    let configPath = url.appendingPathComponent("config.json").path
    let written = try LlamaConfig(json: JSONFile(configPath).json, path: configPath)
    let untied = Self.untied(written, url)
    self.url = url
    config = untied ?? written
    var remarks = written.remarks.map { "config.json: \($0)" }
    if untied != nil {
      remarks.append(
        "config.json ties lm_head to the embedding, but the weights hold another one, which is used, as in transformers; "
          + "models written from this one have tie_word_embeddings false")
    }
    let (whole, index) = ("model.safetensors", "model.safetensors.index.json")
    if [whole, index].allSatisfy({ FileManager.default.fileExists(atPath: url.appendingPathComponent($0).path) }) {
      remarks.append("\(index) is not read: \(whole) is beside it and is used, as in transformers")
    }
    self.remarks = remarks
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
