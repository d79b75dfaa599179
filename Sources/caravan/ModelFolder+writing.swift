import Foundation
import Llama
import ModelFiles
import Torch

extension ModelFolder {
  /// Writes the model to a new folder, with weights of a type; an adapter is merged into them before they are rounded.
  /// - Throws: `ModelFileError` where there is something in the folder already.
  func write(to output: String, as type: ElementType) throws {
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
    try writer.write(tensors(as: type) { progress.add($0 * type.size) }, to: URL(filePath: output))
    progress.finish()
    note("wrote \(output)")
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
