import Alignment
import Datasets
import Foundation
import JSON
import Reporting

/// The examples of a run, and what became of the records that they were made from.
struct TrainingData {
  let examples: [TrainingExample]
  let heldOut: [TrainingExample]
  let counts: [ModelCard.DataCounts]

  /// Reads and tokenizes the records of a run, and says on standard error what it found.
  /// - Parameters:
  ///   - prompt: what must not be both trained on and held out.
  ///   - sequences: how records become examples.
  /// - Throws: errors naming file and line; `AlignmentError` where nothing is left to train on.
  init<Record: DatasetRecord>(
    _ data: DataOptions, _ heldOutOptions: HeldOutOptions, seed: UInt64, prompt: (Record) -> some Hashable,
    sequences: ([Record]) throws -> (examples: [TrainingExample], report: SequenceReport)
  ) throws {
    var counts: [ModelCard.DataCounts] = []

    func examples(_ records: [Record], _ reading: DatasetReport?, _ paths: [String], _ use: String) throws
      -> [TrainingExample]
    {
      let (examples, report) = try sequences(records)
      let name = paths.map(Named.title).joined(separator: ", ")
      counts.append(ModelCard.DataCounts(name: name, reading, report))
      note(
        "\(use): \(examples.count) of \(reading?.read ?? records.count) records from \(paths.joined(separator: ", ")), \(report.tokens) tokens"
      )
      for line in report.lines { note("  " + line) }
      guard !examples.isEmpty else { throw AlignmentError("no record of \(name) is left to use; see the counts above") }
      return examples
    }

    var (records, reading) = try data.read(data.data, as: Record.self)
    for line in reading.description.split(separator: "\n").dropFirst() { note("  " + line) }
    var heldOutRecords: [Record] = []
    if heldOutOptions.evalFraction > 0 {
      (records, heldOutRecords) = HeldOutSplit.split(
        records, share: heldOutOptions.evalFraction, seed: seed, by: prompt)
      guard !records.isEmpty, !heldOutRecords.isEmpty else {
        throw AlignmentError("--eval-fraction \(heldOutOptions.evalFraction) leaves one side without a record")
      }
    }
    self.examples = try examples(records, reading, data.data, "training on")
    if !heldOutOptions.evalData.isEmpty {
      let (records, reading) = try data.read(heldOutOptions.evalData, as: Record.self)
      heldOut = try examples(records, reading, heldOutOptions.evalData, "held out")
    } else {
      heldOut = heldOutRecords.isEmpty ? [] : try examples(heldOutRecords, nil, data.data, "held out")
    }
    self.counts = counts
  }
}

extension ModelCard.DataCounts {
  fileprivate init(name: String, _ reading: DatasetReport?, _ report: SequenceReport) {
    var dropped: TextKeyed<Int> = [:]
    for tally in reading?.skipped ?? [] { dropped[tally.reason] = tally.count }
    for tally in report.leftOut { dropped[tally.reason] = tally.count }
    self.init(
      name: name, read: reading?.read ?? report.read, kept: report.kept, dropped: dropped, truncated: report.cut)
  }
}
