import Datasets
import Llama
import Objectives
import Text

extension SequenceBuilder {
  /// The examples of pairs as a reward model reads them, and what became of each record: each side ends with the token that ends
  /// its answer, so that this is where its reward is read. What the template writes behind it is cut.
  ///
  /// Records that are too long are left out: an answer without its end is no answer that was judged.
  /// - Parameter ends: the tokens that end an answer.
  /// - Throws: `AlignmentError` naming the record that cannot be rendered or whose tokens the model does not have.
  public func rewardExamples(
    _ pairs: [PreferencePair], limits: Limits, endingWith ends: Set<Int32>
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    var limits = limits
    limits.dropsTruncated = true
    return try examples(pairs, at: \.location, limits: limits) { pair in
      var whole = try whole(pair)
      whole.end(with: ends)
      if let margin = pair.margin { whole.columns[.margin] = [[margin], [0]] }
      return whole
    }
  }

  /// The answers of a record, whatever its weight.
  func scored(_ record: AnyRecord, endingWith ends: Set<Int32>) throws -> Whole {
    let answers: [[Message]] =
      switch record {
      case .pair(let pair): [pair.chosen, pair.rejected].map { pair.prompt + $0 }
      case .rating(let rating): [rating.prompt + rating.completion]
      case .conversation(let conversation): [conversation.messages]
      }
    guard answers.allSatisfy({ $0.last?.role == "assistant" }) else { throw LeftOut(reason: .unanswered) }
    let sides = try answers.map { messages in
      var side = try Side(messages, record.context, format)
      try side.locate([messages.count - 1], finder)
      return side
    }
    let made = sides.map { $0.sequence(format) }
    var whole = Whole(
      sequences: made.map(\.sequence), remarks: sides.flatMap(\.remarks) + made.compactMap(\.merged))
    whole.end(with: ends)
    return whole
  }
}

extension SequenceBuilder.Whole {
  /// Cuts what stands behind the last token that ends the answer.
  fileprivate mutating func end(with ends: Set<Int32>) {
    for index in sequences.indices {
      let sequence = sequences[index]
      guard let answer = sequence.isScored.firstIndex(of: true) else { continue }
      guard let end = sequence.tokens[answer...].lastIndex(where: ends.contains) else {
        remarks.append(.endlessAnswer)
        continue
      }
      guard end + 1 < sequence.tokens.count else { continue }
      sequences[index] = sequence.prefix(end + 1)
      remarks.append(.cutBehindEnd)
    }
    remarks = SequenceReport.Remark.distinct(remarks)
  }
}
