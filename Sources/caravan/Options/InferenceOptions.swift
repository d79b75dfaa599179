import ArgumentParser
import Inference
import ModelFiles

/// How a model that only answers is kept in memory.
struct InferenceOptions: ParsableArguments {
  /// The formats beyond those of `--dtype`.
  enum Quantization: String, CaseIterable, ExpressibleByArgument { case int8 }

  @Option(help: "Keep weights as 8-bit integers, with one scale for each row. Overrides --dtype.")
  var quantize: Quantization?

  /// How weights are kept.
  func format(_ compute: ComputeOptions) -> WeightFormat {
    quantize == .int8 ? .int8 : compute.group.dtype == .bfloat16 ? .bfloat16 : .float32
  }

  /// What tells a folder's model, as it answers, from all others: what it said is kept under this.
  func identity(of folder: ModelFolder, _ compute: ComputeOptions) throws -> String {
    try "\(folder.fingerprint()) \(format(compute).rawValue)"
  }

  /// Reads a folder's model.
  func model(_ folder: ModelFolder, _ compute: ComputeOptions) throws -> InferenceModel {
    try compute.group.start()
    var progress = LoadingProgress()
    defer { progress.finish() }
    return try InferenceModel(folder, format: format(compute)) { progress.update(read: $0, total: $1) }
  }
}
