import Foundation
import Llama
import ModelFiles
import Reporting
import Torch
import Training

extension ModelFolder {
  /// Writes the model to a new folder, with weights of a type; an adapter is merged into them before they are rounded. Says how much of
  /// what training moved them by is left in bfloat16, where it is known what they were.
  /// - Throws: `ModelFileError` where there is something in the folder already.
  func write(to output: String, as type: ElementType, _ rounding: WeightRounding) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) {
      guard isFolder.boolValue else { throw ModelFileError(output, "is a file; name a folder") }
      guard try FileManager.default.contentsOfDirectory(atPath: output).isEmpty else {
        throw ModelFileError(output, "is a folder with files in it; name a new one")
      }
    }
    var writer = try ModelFolderWriter(carryingOver: self)
    if let card = FileManager.default.contents(atPath: (adapter?.url ?? url).appending(path: "README.md").path) {
      writer.files["README.md"] = Array(card)
    }
    var progress = WritingProgress(bytes: config.architecture.parameterCount * type.size)
    let movement = SurvivingMovement()
    var tensors = try tensors(as: type) { progress.add($0 * type.size) }
    if type == .bfloat16 { tensors = rounded(tensors, rounding, since: before, measuring: movement) }
    try writer.write(tensors, to: URL(filePath: output))
    progress.finish()
    note("wrote \(output)")
    movement.tell(rounding)
  }

  /// Says how much of what training moved the weights by is left in bfloat16, where it is known what they were.
  func noteSurvivingMovement(_ rounding: WeightRounding) throws {
    guard let before else { return }
    let movement = SurvivingMovement()
    for tensor in rounded(try tensors(as: .bfloat16) { _ in }, .nearest, since: before, measuring: movement) {
      try tensor.withFloats { _ in }
    }
    movement.tell(rounding)
  }

  private func rounded(
    _ tensors: [OutputTensor], _ rounding: WeightRounding, since before: WeightFiles?,
    measuring movement: SurvivingMovement
  ) -> [OutputTensor] {
    let places = config.architecture.places
    return tensors.map {
      $0.rounded(rounding, from: places[$0.name] ?? 0, before: before?.tensors[$0.name], measuring: movement)
    }
  }

  /// The weights before training, where they are known: an adapter's base, or the model that a run's record names.
  private var before: WeightFiles? {
    guard adapter == nil else { return try? openWeights() }
    guard let name = try? ConfigFile.values(from: RunFolder.record(in: url))["model"]?.string,
      FileManager.default.fileExists(atPath: name), let folder = try? ModelFolder(URL(filePath: name)),
      folder.adapter == nil, folder.config.architecture.tensors == config.architecture.tensors
    else { return nil }
    return try? folder.openWeights()
  }

  private func tensors(as type: ElementType, progress: @escaping (Int) -> Void) throws -> [OutputTensor] {
    guard adapter == nil else {
      try Libtorch.load(threads: nil)
      return try mergedTensors(type, progress: progress)
    }
    let weights = try openWeights()
    return try config.architecture.tensors.map {
      try OutputTensor(weights.tensor($0.name), as: type, progress: progress)
    }
  }
}

extension SurvivingMovement {
  /// Says how much is left with a rounding, and how much would be with the other.
  fileprivate func tell(_ rounding: WeightRounding) {
    guard let dithered = share(.dithered), let nearest = share(.nearest) else { return }
    let shares = rounding == .dithered ? (dithered, nearest) : (nearest, dithered)
    note(
      String(
        format: "of what training moved the weights by, bfloat16 keeps %.1f%%; rounded %@ it would be %.1f%%",
        100 * shares.0, rounding == .dithered ? "to the nearest" : "with a dither", 100 * shares.1))
  }
}
