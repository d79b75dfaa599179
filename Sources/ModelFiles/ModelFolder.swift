import Foundation
import JSON

/// A Hugging Face model folder: its configuration, read and validated, and the way to its weights. An adapter's folder stands for its
/// base with the adapter.
public struct ModelFolder: Sendable {
  /// The folder; the base's where there is an adapter.
  public let url: URL
  /// The adapter that changes the weights; nil where there is none.
  public let adapter: AdapterFolder?
  /// The model's shape.
  public let config: LlamaConfig
  /// How the folder wants text to be sampled.
  public let generationConfig: GenerationConfig
  /// What its files say against each other, and how that is settled, a line each.
  public let remarks: [String]

  /// Reads `config.json` and, where it exists, `generation_config.json`. Weights are not touched, but for an output
  /// projection beside an embedding that `config.json` ties it to.
  /// - Parameters:
  ///   - adapter: the folder of an adapter to it.
  ///   - base: finds the base that an adapter names, where it is no folder of this machine.
  /// - Throws: `ModelFileError`.
  public init(_ url: URL, adapter: URL? = nil, locating base: (String) throws -> URL = { URL(filePath: $0) }) throws {
    guard adapter == nil, Self.isAdapter(url) else {
      try self.init(url, adapter.map { try AdapterFolder($0) })
      return
    }
    let adapter = try AdapterFolder(url)
    try self.init(adapter.findBase(locating: base), adapter)
  }

  private init(_ url: URL, _ adapter: AdapterFolder?) throws {
    try Self.requireModel(url)
    self.adapter = adapter
    let configPath = url.appendingPathComponent("config.json").path
    let written = try LlamaConfig(path: configPath)
    let untied = Self.untied(written, url)
    self.url = url
    let own = untied ?? written
    let score = try adapter?.score()
    if let score, score.shape != [1, own.hiddenSize] {
      throw ModelFileError(
        score.path, "tensor \(quoted(score.name)) has shape \(score.shape), its base asks for [1, \(own.hiddenSize)]")
    }
    config =
      score == nil || own.head == .text(labels: 1) ? own : own.scoring(.text(labels: 1), padTokenID: own.padTokenID)
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
    let generationPath = Self.generationFolder(url, adapter).appendingPathComponent("generation_config.json").path
    let hasGeneration = FileManager.default.fileExists(atPath: generationPath)
    generationConfig = try GenerationConfig(
      json: hasGeneration ? JSONFile(generationPath).json : nil, config: config, path: generationPath)
  }

  private static func generationFolder(_ url: URL, _ adapter: AdapterFolder?) -> URL {
    guard let own = adapter?.url.appending(path: "generation_config.json"),
      FileManager.default.fileExists(atPath: own.path)
    else { return url }
    return own.deletingLastPathComponent()
  }

  /// Opens the weights, without an adapter, and checks that they are those of `config`; see `WeightFiles.check(against:)`.
  /// - Throws: `ModelFileError`.
  public func openWeights() throws -> WeightFiles {
    let weights = try WeightFiles(folder: url)
    try weights.check(against: config, withScore: adapter?.config.savesScore != true)
    return weights
  }
}
