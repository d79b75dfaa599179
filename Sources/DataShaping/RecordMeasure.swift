import Datasets
import Text

/// What statistics need to know of a record.
package struct RecordMeasure: Sendable {
  /// The length of the prompt.
  package let prompt: Int
  /// The lengths of the answers: a pair's chosen and rejected, a rating's one, or all that follows a conversation's prompt.
  package let answers: [Int]
  /// The lengths of the whole conversations, one for each answer.
  package let totals: [Int]
  /// Whether the record is a pair whose answers are the same.
  package let hasSameAnswers: Bool
  /// Whether a rated answer is good; nil for other records.
  package let isGood: Bool?
  /// Whether the record is a conversation, and it or a message of it has a weight other than 1.
  package let isWeighted: Bool

  let content: ContentHash
  let promptContent: ContentHash

  /// Measures a record.
  /// - Parameters:
  ///   - length: the length of some messages' texts.
  ///   - total: the lengths of the whole conversations, one for each answer.
  package init(
    _ record: AnyRecord, length: ([Message]) throws -> Int, totals: (AnyRecord) throws -> [Int]
  ) rethrows {
    prompt = try length(record.prompt)
    answers = try record.answers.map(length)
    self.totals = try totals(record)
    content = ContentHash(record)
    promptContent = ContentHash(record.prompt)
    if case .pair(let pair) = record { hasSameAnswers = pair.hasSameAnswers } else { hasSameAnswers = false }
    if case .rating(let rating) = record { isGood = rating.isGood } else { isGood = nil }
    if case .conversation(let conversation) = record {
      isWeighted = conversation.isWeighted
    } else {
      isWeighted = false
    }
  }
}
