import Alignment
import Datasets
import Training
import Wording

/// The examples of a run, and what became of the records that they were made from.
struct TrainingData {
  var examples: [TrainingExample]
  var heldOut: [TrainingExample]
  let uses: [DataUse]

  /// Reads and tokenizes the records of a run.
  /// - Parameters:
  ///   - prompt: what must not be both trained on and held out.
  ///   - sequences: how records become examples.
  /// - Throws: errors naming file and line; `AlignmentError` where nothing is left to train on.
  init<Record: DatasetRecord>(
    _ recipe: some TrainingRecipe, _ context: RunContext,
    prompt: (Record) -> some Hashable,
    sequences: ([Record]) throws -> (examples: [TrainingExample], report: SequenceReport)
  ) throws {
    let (data, heldOutSettings) = (recipe.data, recipe.heldOut)
    var uses: [DataUse] = []

    func read(_ names: [String]) throws -> ([Record], DatasetReport) {
      let (paths, remarks) = try context.locator.data(names)
      for remark in remarks { try context.remark(remark) }
      let reader = try DatasetReader<Record>(paths, skipInvalid: data.skipInvalid)
      return (try reader.readAll(), reader.report)
    }

    func examples(
      _ records: [Record], _ reading: DatasetReport?, _ names: [String], _ purpose: DataUse.Purpose
    ) throws -> [TrainingExample] {
      let (examples, report) = try sequences(records)
      let use = DataUse(
        purpose: purpose, names: names, reading: reading, sequences: report, isUnfolded: report.read != records.count)
      uses.append(use)
      try context.observers.observe(.tokenized(use))
      guard !examples.isEmpty else {
        let name = names.map(context.locator.title).joined(separator: ", ")
        throw AlignmentError("no record of \(name) is left to use; see the counts above")
      }
      return examples
    }

    var (records, reading) = try read(data.data)
    var heldOutRecords: [Record] = []
    if heldOutSettings.evalFraction > 0 {
      (records, heldOutRecords) = HeldOutSplit.split(
        records, share: heldOutSettings.evalFraction, seed: recipe.optimization.seed, by: prompt)
      guard !records.isEmpty, !heldOutRecords.isEmpty else {
        throw AlignmentError(
          "\(setting: "eval-fraction") \(heldOutSettings.evalFraction) leaves one side without a record")
      }
    }
    self.examples = try examples(records, reading, data.data, .training)
    if !heldOutSettings.evalData.isEmpty {
      let (records, reading) = try read(heldOutSettings.evalData)
      heldOut = try examples(records, reading, heldOutSettings.evalData, .heldOut)
    } else {
      heldOut = heldOutRecords.isEmpty ? [] : try examples(heldOutRecords, nil, data.data, .heldOut)
    }
    self.uses = uses
  }
}

/// Who hears of a run, and who finds what it names.
struct RunContext {
  let observers: [any RunObserver]
  let locator: any Locator

  /// Says something that a person should know.
  func remark(_ text: Wording) throws { try observers.observe(.remark(text)) }
  func remark(_ text: String) throws { try remark(Wording(text)) }
}
