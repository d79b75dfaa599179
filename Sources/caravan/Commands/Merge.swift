import ArgumentParser
import ModelFiles
import Recipes

/// `caravan merge`: a model and its adapter as one model.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merges a LoRA adapter into its model.",
    usage: "caravan merge <adapter> --output <folder> [--model <folder>] [--dtype <type>]",
    discussion: """
      The output is a model folder that stands by itself: W + s·B·A for each adapted matrix. It is computed in float32. In \
      bfloat16, rounding may undo much of what an adapter learned in small steps.

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

  func run() throws {
    let folder = try model.map { try ModelFolder.named($0, adapter: adapter) } ?? .named(adapter)
    guard folder.adapter != nil else { throw ModelFileError(adapter, "is a whole model; there is nothing to merge") }
    try folder.write(to: output, as: dtype.type)
  }
}
