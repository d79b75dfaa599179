import ArgumentParser
import Foundation
import ModelFiles

/// `caravan export safetensors`: a model folder whose weights have another type.
struct ExportSafetensors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "safetensors",
    abstract: "Writes a model folder in safetensors, with weights in a type of your choice.",
    usage: "caravan export safetensors <model> --output <folder> [--dtype <type>] [--rounding <way>]",
    discussion: """
      Configuration, tokenizer, card and licence are carried over. Training in Caravan keeps float32 weights. Most \
      models are published in bfloat16, which is half the size. Its steps are larger than most of what an alignment moves \
      weights by, so they are rounded up or down by a fixed dither: on the average nothing is lost. Where the model before \
      training is known, how much is kept either way is told.

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

  @Option(help: roundingHelp)
  var rounding: WeightRounding?

  func validate() throws { try WeightRounding.check(rounding, isFor: dtype == .bfloat16) }

  func run() throws { try ModelFolder.named(model).write(to: output, as: dtype.type, rounding ?? .dithered) }
}

/// What help says of the rounding, wherever weights are written.
let roundingHelp = ArgumentHelp(
  "How weights become bfloat16: dithered, or to the nearest number, as other programs do. (default: dithered)",
  valueName: "way")

extension WeightRounding: ExpressibleByArgument {
  /// Refuses a rounding of weights that are none.
  static func check(_ rounding: WeightRounding?, isFor bfloat16: Bool) throws {
    guard rounding == nil || bfloat16 else {
      throw ValidationError("--rounding is for --dtype bfloat16; leave it out")
    }
  }
}
