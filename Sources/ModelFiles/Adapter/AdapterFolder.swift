import Foundation
import Hashing
import JSON

/// A folder that holds a LoRA adapter, as PEFT writes it: `adapter_config.json` and `adapter_model.safetensors`.
public struct AdapterFolder: Sendable {
  /// The folder.
  public let url: URL
  /// What it says of itself.
  public let config: AdapterConfig
  /// The tensors, as they are named in the file.
  public let tensors: [StoredTensor]

  /// The names of its two files.
  static let (configFile, weightsFile) = ("adapter_config.json", "adapter_model.safetensors")
  static let prefix = "base_model.model."

  /// Whether a folder holds an adapter, whole or not.
  public static func isOne(_ url: URL) -> Bool {
    [configFile, weightsFile, "adapter_model.bin"].contains {
      FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
  }

  /// Reads the configuration and the weights' header.
  /// - Throws: `ModelFileError` where a file is missing or of another kind.
  public init(_ url: URL) throws {
    self.url = url
    let (config, weights) = (url.appending(path: Self.configFile), url.appending(path: Self.weightsFile))
    func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    guard exists(url) else { throw ModelFileError(url.path, "there is no such folder") }
    guard exists(config) else {
      throw ModelFileError(url.path, "holds no \(Self.configFile); it is no whole LoRA adapter")
    }
    guard exists(weights) else {
      let pickle = exists(url.appending(path: "adapter_model.bin"))
      throw ModelFileError(
        url.path,
        pickle
          ? "holds its adapter in adapter_model.bin, a pickle; save it as safetensors with PEFT"
          : "holds no \(Self.weightsFile); it is no whole LoRA adapter")
    }
    self.config = try AdapterConfig(config.path)
    tensors = try SafetensorsFile(weights).tensors
  }

  static func name(_ module: String, _ factor: String) -> String { "\(prefix)\(module).lora_\(factor).weight" }

  /// The factors for a model's matrices, in the model's order.
  /// - Throws: `ModelFileError` about the first tensor that is missing, of the wrong shape, or of no matrix of the model's layers.
  public func factors(for model: LlamaConfig) throws -> [AdapterFactors] {
    var stored = TextKeyed(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let path = url.appending(path: Self.weightsFile).path
    let factors = try model.architecture.adaptable.compactMap { weight -> AdapterFactors? in
      let named = weight.factors(rank: config.rank(of: weight.module))
      guard let a = stored.removeValue(forKey: named.a.name), let b = stored.removeValue(forKey: named.b.name) else {
        let isHalf = tensors.contains { $0.name == named.a.name || $0.name == named.b.name }
        guard isHalf || (config.targets(weight.module) && !config.hasExceptions) else { return nil }
        throw ModelFileError(path, "lacks a factor of \(quoted(weight.name)), which \(Self.configFile) says is adapted")
      }
      for (tensor, expected) in [(a, named.a), (b, named.b)] where tensor.shape != expected.shape {
        throw ModelFileError(
          path,
          "tensor \(quoted(tensor.name)) has shape \(tensor.shape), its base and \(Self.configFile) ask for \(expected.shape); it is of another base or rank"
        )
      }
      return AdapterFactors(weight: weight, a: a, b: b, scale: config.scale(of: weight.module))
    }
    if config.savesScore { stored[Self.scoreName] = nil }
    if let other = tensors.first(where: { stored[$0.name] != nil }) {
      throw ModelFileError(
        path,
        "holds tensor \(quoted(other.name)), which adapts none of the base's seven matrices a layer; merge it into its base with PEFT's merge_and_unload"
      )
    }
    guard !factors.isEmpty else { throw ModelFileError(path, "adapts no matrix of its base") }
    return factors
  }

  private static let scoreName = prefix + "score.weight"

  /// The score that replaces the base's, 1 × D; nil where it has none.
  /// - Throws: `ModelFileError` where it should have one, and has not, or one of several labels.
  public func score() throws -> StoredTensor? {
    guard config.savesScore else { return nil }
    let path = url.appending(path: Self.weightsFile).path
    guard let score = tensors.first(where: { $0.name == Self.scoreName }) else {
      throw ModelFileError(path, "lacks \(quoted(Self.scoreName)), which \(Self.configFile) says is saved")
    }
    guard score.shape.count == 2, score.shape[0] == 1 else {
      throw ModelFileError(
        path,
        "tensor \(quoted(score.name)) has shape \(score.shape); only the score of a reward model is known, of one row")
    }
    return score
  }

  /// The numbers that it has for a model.
  /// - Throws: `ModelFileError` where it is another model's, or damaged.
  public func parameterCount(for model: LlamaConfig) throws -> Int {
    try factors(for: model).parameterCount + (score()?.elementCount ?? 0)
  }

  /// SHA-256 over the tensors and what scales them, as 64 hexadecimal digits.
  func fingerprint(for model: LlamaConfig) throws -> String {
    let hash = ByteHasher(.sha256)
    for factors in try factors(for: model) {
      hash.update("\(factors.weight.name) \(factors.rank) \(factors.scale.bitPattern)\n")
      for tensor in [factors.a, factors.b] {
        hash.update("\(tensor.elementType.rawValue) ")
        tensor.withBytes { hash.update($0) }
      }
    }
    if let score = try score() {
      hash.update("score \(score.elementType.rawValue) ")
      score.withBytes { hash.update($0) }
    }
    return hash.finalize().hexadecimal
  }
}
