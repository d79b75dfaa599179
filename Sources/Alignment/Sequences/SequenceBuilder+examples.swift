import Datasets
import Llama
import Objectives
import Parallel
import Text
import Wording

extension SequenceBuilder {
  /// How sequences that are too long, and records that cannot be used, are treated.
  public struct Limits: Sendable, Equatable {
    /// The most tokens of a sequence; what exceeds it is cut on the right.
    public var maximumLength: Int
    /// Whether records that would be cut are left out instead.
    public var dropsTruncated: Bool
    /// Whether records that the chat template refuses are left out and counted, instead of being an error.
    public var skipsRefused: Bool
    /// The model's vocabulary; tokens outside it are an error.
    public var vocabularySize: Int
    /// The tokens that the model is made for.
    public var contextLength: Int

    /// Limits.
    public init(
      maximumLength: Int, dropsTruncated: Bool = false, skipsRefused: Bool = false, vocabularySize: Int,
      contextLength: Int = .max
    ) {
      self.maximumLength = maximumLength
      self.dropsTruncated = dropsTruncated
      self.skipsRefused = skipsRefused
      self.vocabularySize = vocabularySize
      self.contextLength = contextLength
    }
  }

  /// The examples of conversations, with the column `weight` where some weight is not 1, and what became of each record.
  /// - Throws: `AlignmentError` naming the record that cannot be rendered or whose tokens the model does not have.
  public func examples(
    _ conversations: [Conversation], limits: Limits
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    try examples(conversations, at: \.location, limits: limits) { try whole($0) }
  }

  /// The examples of preference pairs, and what became of each record.
  /// - Throws: `AlignmentError` naming the record that cannot be rendered or whose tokens the model does not have.
  public func examples(
    _ pairs: [PreferencePair], limits: Limits
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    try examples(pairs, at: \.location, limits: limits) { try whole($0) }
  }

  /// The examples of rated answers, each with the column `label`, and what became of each record.
  /// - Throws: `AlignmentError` naming the record that cannot be rendered or whose tokens the model does not have.
  public func examples(
    _ ratings: [Rating], limits: Limits
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    try examples(ratings, at: \.location, limits: limits) { rating in
      var whole = try whole(rating)
      whole.columns[.label] = [[rating.isGood ? 1 : 0]]
      return whole
    }
  }

  func examples<Record: Sendable>(
    _ records: [Record], at location: KeyPath<Record, RecordLocation> & Sendable, limits: Limits,
    _ whole: @Sendable (Record) throws -> Whole
  ) throws -> ([TrainingExample], SequenceReport) {
    try collect(records, at: location, limits: limits, whole) { try example($0, $1, limits) }
  }

  /// Reads records on all cores, makes an example of each in their order, and counts what becomes of them.
  func collect<Record: Sendable, Read: Sendable>(
    _ records: [Record], at location: KeyPath<Record, RecordLocation> & Sendable, limits: Limits,
    _ read: @Sendable (Record) throws -> Read,
    example: (Read, RecordLocation) throws -> (TrainingExample, [SequenceReport.Remark])
  ) throws -> ([TrainingExample], SequenceReport) {
    var report = SequenceReport()
    var examples: [TrainingExample] = []
    for (record, result) in zip(records, records.concurrentMap { record in Result { try read(record) } }) {
      let location = record[keyPath: location]
      report.read += 1
      do {
        let (example, remarks) = try example(result.get(), location)
        report.kept += 1
        report.tokens += example.tokenCount
        report.remark(remarks, location)
        examples.append(example)
      } catch let leftOut as LeftOut {
        report.leaveOut(leftOut.reason, location)
      } catch let refusal as TemplateError where limits.skipsRefused {
        report.leaveOut(.refused(refusal), location)
      } catch let refusal as TemplateError {
        throw AlignmentError("\(location): \(refusal)")
      }
    }
    return (examples, report)
  }

  /// What is trained on of a record, within the limits.
  func example(
    _ whole: Whole, _ location: RecordLocation, _ limits: Limits
  ) throws -> (TrainingExample, [SequenceReport.Remark]) {
    for sequence in whole.sequences { try limits.check(sequence.tokens, at: location) }
    var remarks = whole.remarks
    let length = limits.maximumLength
    if whole.sequences.contains(where: { $0.tokens.count > length }) {
      guard !limits.dropsTruncated else { throw LeftOut(reason: .longerThan(length)) }
      remarks.append(.cut(at: length))
    }
    let kept = whole.sequences.map { $0.prefix(length) }
    guard kept.allSatisfy({ $0.scoredCount > 0 }) else { throw LeftOut(reason: .nothingScored) }
    if kept.contains(where: { $0.tokens.count > limits.contextLength }) {
      remarks.append(.beyondContext(limits.contextLength))
    }
    if kept.count == 2, kept[0] == kept[1] { remarks.append(.sameAnswers) }
    var example = TrainingExample(sequences: kept, location: location)
    example.columns = whole.columns
    if let weights = whole.weights {
      let scored = zip(weights, kept[0].isScored).dropFirst().filter(\.1).map(\.0)
      if scored.contains(where: { $0 != 1 }) {
        example.columns[.weight] = [scored]
        remarks.append(.weighted)
      }
    }
    return (example, remarks)
  }
}

extension SequenceBuilder.Limits {
  /// Checks that the model has all tokens of a record.
  func check(_ tokens: [Int32], at location: RecordLocation) throws {
    guard let token = tokens.first(where: { Int($0) >= vocabularySize }) else { return }
    throw AlignmentError(
      "\(location): the tokenizer writes token \(token), but the model has \(vocabularySize); "
        + "use the tokenizer that belongs to the model")
  }
}
