import Datasets
import Dispatch
import Llama
import Synchronization

extension SequenceBuilder {
  /// How sequences that are too long are treated.
  public struct Limits: Sendable {
    /// The most tokens of a sequence; what exceeds it is cut on the right.
    public var maximumLength: Int
    /// Whether records that would be cut are left out instead.
    public var dropsTruncated: Bool
    /// The model's vocabulary; tokens outside it are an error.
    public var vocabularySize: Int

    /// Limits.
    public init(maximumLength: Int, dropsTruncated: Bool = false, vocabularySize: Int) {
      self.maximumLength = maximumLength
      self.dropsTruncated = dropsTruncated
      self.vocabularySize = vocabularySize
    }
  }

  /// The examples of conversations, and what became of each record.
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

  private func examples<Record: Sendable>(
    _ records: [Record], at location: KeyPath<Record, RecordLocation> & Sendable, limits: Limits,
    _ whole: @Sendable (Record) throws -> Whole
  ) throws -> ([TrainingExample], SequenceReport) {
    var report = SequenceReport()
    var examples: [TrainingExample] = []
    for (record, result) in zip(records, concurrentMap(records) { record in Result { try whole(record) } }) {
      let location = record[keyPath: location]
      report.read += 1
      let whole: Whole
      do { whole = try result.get() } catch { throw AlignmentError("\(location): \(error)") }
      if let merged = whole.merged {
        report.mergedBoundaries += 1
        report.firstMerged = report.firstMerged ?? merged
      }
      if let example = try cut(whole.sequences, location, limits, &report) { examples.append(example) }
    }
    return (examples, report)
  }

  private func cut(
    _ sequences: [TokenSequence], _ location: RecordLocation, _ limits: Limits, _ report: inout SequenceReport
  ) throws -> TrainingExample? {
    if let token = sequences.lazy.flatMap(\.tokens).first(where: { Int($0) >= limits.vocabularySize }) {
      throw AlignmentError(
        "\(location): the tokenizer writes token \(token), but the model has \(limits.vocabularySize); "
          + "use the tokenizer that belongs to the model")
    }
    let isTruncated = sequences.contains { $0.tokens.count > limits.maximumLength }
    if isTruncated {
      report.truncated += 1
      if limits.dropsTruncated {
        report.droppedTruncated += 1
        return nil
      }
    }
    let kept = sequences.map { sequence in
      TokenSequence(
        tokens: Array(sequence.tokens.prefix(limits.maximumLength)),
        isScored: Array(sequence.isScored.prefix(limits.maximumLength)))
    }
    guard kept.allSatisfy({ $0.scoredCount > 0 }) else {
      report.droppedEmpty += 1
      return nil
    }
    let example = TrainingExample(sequences: kept, location: location)
    report.kept += 1
    report.tokens += example.tokenCount
    return example
  }
}

/// The results of a pure function of each element, computed on all cores.
func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ transform: @Sendable (Element) -> Result
) -> [Result] {
  let piece = 64
  let pieces = (elements.count + piece - 1) / piece
  let results = Mutex<[Int: [Result]]>([:])
  DispatchQueue.concurrentPerform(iterations: pieces) { index in
    let part = elements[index * piece..<min(elements.count, (index + 1) * piece)].map(transform)
    results.withLock { $0[index] = part }
  }
  return results.withLock { results in (0..<pieces).flatMap { results[$0] ?? [] } }
}
