import ArgumentParser
import Foundation
import ModelFiles

/// `caravan export safetensors`: a model folder whose weights have another type.
struct ExportSafetensors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "safetensors",
    abstract: "Writes a model folder in safetensors, with weights in a type of your choice.",
    usage: "caravan export safetensors <model> --output <folder> [--dtype <type>]",
    discussion: """
      Configuration, tokenizer, card and licence are carried over. Training in Caravan keeps float32 weights. Most \
      models are published in bfloat16, which is half the size.

      Examples:
        caravan export safetensors assistant-dpo --output assistant-bf16
        caravan export safetensors assistant-dpo --output small --dtype float16
      """)

  /// The types of weights.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case bfloat16, float32, float16

    var type: ElementType {
      switch self {
      case .bfloat16: .bfloat16
      case .float32: .float32
      case .float16: .float16
      }
    }
  }

  @Argument(help: ArgumentHelp("The model: a folder, or OWNER/NAME on the hub.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("The type of the weights: bfloat16, float32 or float16.", valueName: "type"))
  var dtype = Form.bfloat16

  func run() throws {
    let target = URL(filePath: output)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) {
      guard isFolder.boolValue else { throw ModelFileError(output, "is a file; name a folder") }
      guard try FileManager.default.contentsOfDirectory(atPath: output).isEmpty else {
        throw ModelFileError(output, "is a folder with files in it; name a new one")
      }
    }
    let folder = try ModelFolder.named(model)
    let weights = try folder.openWeights()
    var writer = try ModelFolderWriter(carryingOver: folder)
    if let card = FileManager.default.contents(atPath: folder.url.appending(path: "README.md").path) {
      writer.files["README.md"] = Array(card)
    }
    let tensors = try folder.config.architecture.tensors.map { try weights.tensor($0.name) }
    let size = dtype.type.size
    var progress = WritingProgress(bytes: tensors.reduce(0) { $0 + $1.elementCount * size })
    try writer.write(
      tensors.map { try OutputTensor($0, as: dtype.type) { progress.add($0 * size) } }, to: target)
    progress.finish()
    note("wrote \(output)")
  }
}
