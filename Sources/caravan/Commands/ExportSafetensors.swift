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

  func run() throws { try ModelFolder.named(model).write(to: output, as: dtype.type) }
}
