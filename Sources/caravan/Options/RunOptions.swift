import ArgumentParser
import Foundation

/// The folder of a run, and what is kept there.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder to write, new or empty.", valueName: "folder"))
  var output: String

  @Option(help: "Steps between checkpoints.")
  var saveEvery = 500

  @Option(help: "How many checkpoints are kept, the newest.")
  var keep = 2

  @Flag(help: "Go on with the run in --output from its newest checkpoint.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "A YAML file of options by these names; the command line overrides it. A run leaves its own as config.yaml.",
      valueName: "file"))
  var config: String?

  func validate() throws {
    guard saveEvery >= 1 else { throw ValidationError("--save-every must be at least 1, not \(saveEvery)") }
    guard (1...10_000).contains(keep) else { throw ValidationError("--keep must be from 1 to 10000, not \(keep)") }
  }

  var folder: URL { URL(filePath: output) }
}
