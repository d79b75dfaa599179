import ArgumentParser
import Datasets
import Recipes

/// The data that a command looks at or shapes.
struct InputOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: DataSettings.help("data"))
  var data: [String] = []

  @Flag(help: "Leave out and count records that cannot be used, instead of stopping at the first.")
  var skipInvalid = false

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("--data is missing: name the files to read") }
  }

  /// Hands on what `prepare` makes of each record, in order, with its line; says what could not be used.
  /// - Parameter isPassingOn: whether lines are wanted whole, with fields that the kind of record does not know.
  /// - Returns: how many records were read.
  @discardableResult
  func read<Record: DatasetRecord, Prepared: Sendable>(
    as type: Record.Type, isPassingOn: Bool = true, preparing prepare: @Sendable (Record) throws -> Prepared,
    _ body: (_ prepared: Prepared, _ line: ArraySlice<UInt8>) throws -> Void
  ) throws -> Int {
    let report = try Self.read(
      data, skipInvalid: skipInvalid, as: type, isPassingOn: isPassingOn, preparing: prepare, body)
    for line in report.description.split(separator: "\n").dropFirst() where line.hasPrefix("skipped") {
      note(String(line))
    }
    return report.read
  }

  /// The same for some files.
  static func read<Record: DatasetRecord, Prepared: Sendable>(
    _ paths: [String], skipInvalid: Bool = false, as type: Record.Type, isPassingOn: Bool = true,
    preparing prepare: @Sendable (Record) throws -> Prepared,
    _ body: (_ prepared: Prepared, _ line: ArraySlice<UInt8>) throws -> Void
  ) throws -> DatasetReport {
    let paths = try Named.data(paths)
    let reader = try DatasetReader<Record>(paths, skipInvalid: skipInvalid, isPassingOn: isPassingOn)
    var progress = ReadingProgress(paths)
    try reader.forEach(preparing: prepare) { prepared, line in
      try body(prepared, line)
      progress.update(bytes: reader.bytesRead, records: reader.report.read)
    }
    progress.finish(bytes: reader.bytesRead)
    return reader.report
  }
}

/// Which part of a record a command compares.
enum ComparedPart: String, CaseIterable, ExpressibleByArgument {
  case prompt, record
}
