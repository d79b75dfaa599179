import ArgumentParser
import Datasets
import Foundation
import Recipes

/// Where published data are read, and where the records made of them go.
struct ConversionOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: DataSettings.help("data"))
  var data: [String] = []

  @Flag(help: "Leave out and count records that cannot be used, instead of stopping at the first.")
  var skipInvalid = false

  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  @Option(help: "Which of the worse answers becomes rejected. By default a random one, as in Tulu 2.5.")
  var rejected: AnswerChoice.Rejected?

  @Option(help: "Whether to keep or drop answers with equal scores. By default as in Tulu 2.5.")
  var ties: AnswerChoice.Ties?

  @Option(help: "The seed of all random choices: the same seed gives the same result.")
  var seed: UInt64 = 42

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("--data is missing: name the files to read") }
  }

  /// Writes what a derivation makes of the data, one record a line, and says what became of each row.
  /// - Throws: errors naming file and line; `NothingMade` where no row gave a record. No file is left behind then.
  func write(_ derivation: some Derivation) throws {
    let conversion = try Conversion(derivation, Named.data(data), skipInvalid: skipInvalid)
    let output = try DataOutput(path: output)
    var lastWord = Date.now
    while let record = try conversion.next() {
      try output.write(line: record.json.text)
      if output.lines % 1000 == 0, Date.now.timeIntervalSince(lastWord) > 10 {
        lastWord = .now
        note("\(conversion.report.read) records read, \(output.lines) written")
      }
    }
    note(conversion.report.description)
    guard conversion.report.records > 0 else { throw NothingMade() }
    try output.finish()
  }
}

/// Data of which no record gave anything to train on.
struct NothingMade: Error, CustomStringConvertible {
  var description: String { "no record gave anything to train on; see the counts above" }
}

extension AnswerChoice.Rejected: ExpressibleByArgument {}
extension AnswerChoice.Ties: ExpressibleByArgument {}
