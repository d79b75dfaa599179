import ArgumentParser
import ModelFiles
import Recipes

/// `caravan merge`: a model and its adapter as one model.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merges a LoRA adapter into its model.",
    usage: "caravan merge <adapter> --output <folder> [--model <folder>] [<options>]",
    discussion: """
      The output is a model folder that stands by itself: W + s·B·A for each adapted matrix. It is computed in float32, and \
      for bfloat16 rounded up or down by a fixed dither, since rounding to the nearest number undoes much of what an adapter \
      learned in small steps. How much is kept either way is told.

      Examples:
        caravan merge assistant-dpo --output assistant
        caravan merge adapter --model base --output assistant --dtype bfloat16
      """)

  @Argument(help: ArgumentHelp("The adapter: a folder, or OWNER/NAME on the hub.", valueName: "adapter"))
  var adapter: String

  @Option(help: ArgumentHelp("Its base, where that is not the one that the adapter names.", valueName: "folder"))
  var model: String?

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("The type of the weights: float32, bfloat16 or float16.", valueName: "type"))
  var dtype = ExportSafetensors.Form.float32

  @Option(help: roundingHelp)
  var rounding: WeightRounding?

  func validate() throws { try WeightRounding.check(rounding, isFor: dtype == .bfloat16) }

  func run() throws {
    let folder = try model.map { try ModelFolder.named($0, adapter: adapter) } ?? .named(adapter)
    guard folder.adapter != nil else { throw ModelFileError(adapter, "is a whole model; there is nothing to merge") }
    try folder.write(to: output, as: dtype.type, rounding ?? .dithered)
  }
}
