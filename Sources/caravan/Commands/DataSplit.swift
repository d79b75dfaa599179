import ArgumentParser
import DataShaping
import Datasets
import Recipes

/// `caravan data split`: holds out records, no prompt on both sides.
struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Holds out a part of the records, with no prompt on both sides.",
    usage: "caravan data split --data <path> ... --held-out <part> --output <file> --held-out-output <file>",
    discussion: """
      Two prompts are the same if their words are, whatever their case and punctuation. All records of a prompt stay \
      together, so slightly fewer than you ask for may be held out. Records keep their order and are copied byte for byte.

      Examples:
        caravan data split --data pairs.jsonl --held-out 0.05 \\
          --output train.jsonl --held-out-output held-out.jsonl
      """)

  @OptionGroup(title: "Data") var input: DataPaths

  @Option(help: ArgumentHelp("What to hold out: a share such as 0.05, or a number of records.", valueName: "part"))
  var heldOut: Double

  @Option(help: "The seed of all random choices: the same seed gives the same result.")
  var seed: UInt64 = 42

  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("The file for the records that are held out.", valueName: "file"))
  var heldOutOutput: String

  func validate() throws {
    guard heldOut > 0, heldOut < 1 || heldOut == heldOut.rounded() && heldOut < 1e15 else {
      throw ValidationError("--held-out must be a share below 1, or a whole number of records, not \(heldOut)")
    }
    if let output { try requireDifferent(output, heldOutOutput, "--output and --held-out-output") }
  }

  func run() throws {
    let paths = try Named.data(input.data)
    _ = try DataFiles.size(ofFilesAt: paths)
    let (training, held) = (try DataOutput(path: output), try DataOutput(path: heldOutOutput))
    var prompts = HeldOutPrompts()
    _ = try InputOptions.read(paths, as: AnyRecord.self) {
      TextWords($0.prompt).key
    } _: { key, _ in
      prompts.add(key)
    }
    let wanted = heldOut < 1 ? (heldOut * Double(prompts.count)).rounded() : heldOut
    guard wanted < Double(prompts.count) else {
      throw ValidationError("--held-out \(Int(wanted)): there are only \(prompts.count) records")
    }
    let choice = prompts.choose(Int(wanted), seed: seed)
    let reader = try DatasetReader<ObjectRecord>(paths)
    for isHeldOut in choice {
      guard let line = try reader.nextLine() else { break }
      try (isHeldOut ? held : training).write(line: line)
    }
    note("read \(choice.count) records: \(training.lines) to train on, \(held.lines) held out")
    guard training.lines > 0, held.lines > 0 else {
      throw OneSidedSplit(side: training.lines == 0 ? "to train on" : "held out")
    }
    try held.finish()
    try training.finish()
  }
}

/// The data of a command that reads them twice, and takes nothing but whole files.
struct DataPaths: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: DataSettings.help("data"))
  var data: [String] = []

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("--data is missing: name the files to read") }
  }
}

/// A split with nothing on one of its sides.
struct OneSidedSplit: Error, CustomStringConvertible {
  let side: String
  var description: String {
    "no record would be \(side), since records with one prompt stay together; nothing was written"
  }
}
