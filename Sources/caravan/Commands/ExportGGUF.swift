import ArgumentParser
import Foundation
import GGUF
import ModelFiles

/// `caravan export gguf`: a model as one file for llama.cpp.
struct ExportGGUF: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gguf",
    abstract: "Writes a model with tokenizer and chat template as one GGUF file.",
    usage: "caravan export gguf <model> --output <file> [--dtype <type>] [--rounding <way>]",
    discussion: """
      llama.cpp, Ollama, LM Studio and others read such files. Norms and biases stay float32, as those programs expect. \
      In bfloat16 they are rounded up or down by a fixed dither, since rounding to the nearest number, as llama.cpp's converter \
      does, undoes much of what an alignment moves them by. The folder of a LoRA adapter becomes a file for llama.cpp's --lora, in float32; for one file with all weights, merge it before.

      Examples:
        caravan export gguf assistant-dpo --output assistant.gguf
        caravan export gguf assistant-dpo --output assistant-q8.gguf --dtype q8_0
      """)

  /// The types of matrices.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case float32, float16, bfloat16, q8_0

    var type: GGUFTensorType {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .q8_0: .q8_0
      }
    }
  }

  @Argument(help: ArgumentHelp("The model: a folder, or OWNER/NAME on the hub.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("The file to write; an existing GGUF file is replaced.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The type of the matrices: float32, float16, bfloat16, or q8_0 (8 bits, and a scale for every 32).",
      valueName: "type"))
  var dtype = Form.float16

  @Option(help: roundingHelp)
  var rounding: WeightRounding?

  func validate() throws { try WeightRounding.check(rounding, isFor: dtype == .bfloat16) }

  func run() throws {
    let rounding = rounding ?? .dithered
    let folder = try ModelFolder.named(model)
    let gguf =
      try folder.adapter.map { try GGUFModel($0, of: folder.config, name: Named.title(model)) }
      ?? GGUFModel(folder, name: Named.title(model), as: dtype.type, rounding: rounding)
    for text in gguf.notes { note("note: \(text)") }
    var progress = WritingProgress(bytes: gguf.byteCount)
    try gguf.write(to: output) { progress.add($0) }
    progress.finish()
    note("wrote \(output), \(gguf.byteCount) bytes")
    if folder.adapter == nil, dtype == .bfloat16 { try folder.noteSurvivingMovement(rounding) }
  }
}
