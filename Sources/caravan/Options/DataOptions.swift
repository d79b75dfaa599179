import Alignment
import ArgumentParser
import Datasets
import ModelFiles

/// The data that a command trains on.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: pathHelp)
  var data: [String] = []

  @Option(help: maxLengthHelp)
  var maxLength: Int?

  @Flag(help: "Leave out records longer than --max-length instead.")
  var dropTruncated = false

  @Flag(help: "Leave out and count records that cannot be used, instead of stopping at the first.")
  var skipInvalid = false

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("--data is missing: name the files to train on") }
    guard maxLength.map({ $0 >= 2 }) ?? true else {
      throw ValidationError("--max-length must be at least 2, not \(maxLength ?? 0)")
    }
  }

  static let maxLengthHelp: ArgumentHelp =
    "The most tokens of a sequence. Longer ones are cut at their end, and counted. Without it, 4096, or what the model is made for where that is less."

  static let pathHelp = ArgumentHelp(
    """
    Files of records, or folders of them (.jsonl, .json, .parquet, also packed). Of several splits one is named: \
    FOLDER:SPLIT, FOLDER/CONFIGURATION:SPLIT, or on the hub OWNER/NAME:SPLIT.
    """,
    valueName: "path")

  /// A reader of some files, or of splits of the hub's data sets.
  func reader<Record: DatasetRecord>(_ names: [String], of type: Record.Type) throws -> DatasetReader<Record> {
    try DatasetReader(Named.data(names), skipInvalid: skipInvalid)
  }

  /// Reads all records of some files and says what was found.
  func read<Record: DatasetRecord>(_ paths: [String], as type: Record.Type) throws -> (records: [Record], DatasetReport)
  {
    let reader = try reader(paths, of: type)
    let records = try reader.readAll()
    return (records, reader.report)
  }

  /// The limits of sequences that all these models are to read.
  func limits(_ configs: [LlamaConfig]) -> SequenceBuilder.Limits {
    SequenceBuilder.Limits(
      maximumLength: maxLength ?? configs.map(\.usualMaximumLength).min() ?? 2, dropsTruncated: dropTruncated,
      skipsRefused: skipInvalid, vocabularySize: configs.map(\.vocabularySize).min() ?? 0,
      contextLength: configs.map(\.maxPositions).min() ?? .max)
  }
}

extension LlamaConfig {
  /// The most tokens of a sequence in training, unless told otherwise.
  var usualMaximumLength: Int { min(4096, maxPositions) }
}
