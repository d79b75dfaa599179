import Alignment
import Datasets
import Training
import Wording

/// The examples of a run, and what became of the records that they were made from.
struct TrainingData {
  var examples: [TrainingExample]
  var heldOut: [TrainingExample]
  let uses: [DataUse]
  /// What each epoch takes of the examples; nil where that is every one once.
  var mixture: Mixture?

  /// Reads and tokenizes the records of a run, or takes what an earlier run of the sweep has made of the same.
  /// - Parameters:
  ///   - isShared: whether nothing but the settings of model and data decides what becomes of a record.
  ///   - prompt: what must not be both trained on and held out.
  ///   - sequences: how records become examples.
  /// - Throws: errors naming file and line; `AlignmentError` where nothing is left to train on.
  init<Record: DatasetRecord>(
    _ recipe: some TrainingRecipe, _ beginning: RunBeginning, isShared: Bool = true,
    prompt: (Record) -> some Hashable,
    sequences: ([Record]) throws -> (examples: [TrainingExample], report: SequenceReport)
  ) throws {
    let context = beginning.context
    let tokenized = isShared ? context.tokenized : nil
    let key = TokenizedData.Key(recipe, beginning.limits)
    if let known = tokenized?[key] {
      for use in known.uses { try context.observers.observe(.tokenized(use)) }
      self = known
      return
    }
    let (data, heldOutSettings, weights) = (recipe.data, recipe.heldOut, recipe.mixture.dataWeights)
    var uses: [DataUse] = []

    func read(_ names: [String]) throws -> ([Record], DatasetReport) {
      let (paths, remarks) = try context.locator.data(names)
      for remark in remarks { try context.remark(Wording(remark)) }
      let reader = try DatasetReader<Record>(paths, skipInvalid: data.skipInvalid)
      return (try reader.readAll(), reader.report)
    }

    func examples(
      _ records: [Record], _ reading: DatasetReport?, _ names: [String], _ purpose: DataUse.Purpose,
      weight: Double? = nil
    ) throws -> [TrainingExample] {
      let (examples, report) = try sequences(records)
      let use = DataUse(
        purpose: purpose, names: names, reading: reading, sequences: report, isUnfolded: report.read != records.count,
        weight: weight)
      uses.append(use)
      try context.observers.observe(.tokenized(use))
      guard !examples.isEmpty else {
        let name = names.map(context.locator.title).joined(separator: ", ")
        throw AlignmentError("no record of \(name) is left to use; see the counts above")
      }
      return examples
    }

    // With weights each path is a source of its own.
    let sources = weights == nil ? [data.data] : data.data.map { [$0] }
    var records: [(source: Int, record: Record)] = []
    var heldOutRecords = records
    var readings: [DatasetReport] = []
    for (source, names) in sources.enumerated() {
      let (own, reading) = try read(names)
      records += own.map { (source, $0) }
      readings.append(reading)
    }
    if heldOutSettings.evalFraction > 0 {
      (records, heldOutRecords) = HeldOutSplit.split(
        records, share: heldOutSettings.evalFraction, seed: recipe.optimization.seed, by: { prompt($0.record) })
      guard !records.isEmpty, !heldOutRecords.isEmpty else {
        throw AlignmentError(
          "\(setting: "eval-fraction") \(heldOutSettings.evalFraction) leaves one side without a record")
      }
    }
    var (all, mixed): ([TrainingExample], [Mixture.Source]) = ([], [])
    for (source, names) in sources.enumerated() {
      let own = records.filter { $0.source == source }.map(\.record)
      let made = try examples(own, readings[source], names, .training, weight: weights?[source])
      all += made
      guard let weight = weights?[source] else { continue }
      mixed.append(Mixture.Source(count: made.count, weight: weight))
      guard mixed[source].drawnCount > 0 else {
        throw AlignmentError(
          "\(setting: "data-weights"): an epoch takes none of the \(made.count) records of "
            + "\(context.locator.title(names[0])) with \(weight); raise it, or leave them out")
      }
    }
    self.examples = all
    mixture = mixed.isEmpty ? nil : Mixture(mixed, seed: recipe.optimization.seed)
    if !heldOutSettings.evalData.isEmpty {
      let (records, reading) = try read(heldOutSettings.evalData)
      heldOut = try examples(records, reading, heldOutSettings.evalData, .heldOut)
    } else {
      heldOut = heldOutRecords.isEmpty ? [] : try examples(heldOutRecords.map(\.record), nil, data.data, .heldOut)
    }
    self.uses = uses
    tokenized?[key] = self
  }

  /// The order in which epochs visit the examples.
  func order(batchSize: Int, seed: UInt64?) -> EpochOrder {
    mixture.map { EpochOrder($0, batchSize: batchSize, seed: seed) }
      ?? EpochOrder(count: examples.count, batchSize: batchSize, seed: seed)
  }
}
