import Datasets
import JSON
import Text

/// What records must be like to be kept.
package struct RecordFilter: Sendable {
  /// The lengths that are allowed, in whatever is counted.
  package struct Limits: Sendable {
    /// The least and the most, each where there is one.
    package var (least, most): (Int?, Int?)

    /// Limits.
    package init(_ least: Int? = nil, _ most: Int? = nil) { (self.least, self.most) = (least, most) }

    var isSet: Bool { least != nil || most != nil }

    func problem(_ what: String, _ length: Int, _ unit: String) -> String? {
      if let least, length < least { return "\(what) has fewer than \(least) \(unit)" }
      if let most, length > most { return "\(what) has more than \(most) \(unit)" }
      return nil
    }
  }

  /// The lengths of prompts.
  package var prompt = Limits()
  /// The lengths of answers, of each one.
  package var answer = Limits()
  /// The most of prompt and answer together, for each answer.
  package var maximumTotal: Int?
  /// Whether roles must alternate: a system message or none, then user and assistant in turn, the assistant last.
  package var requiresAlternation = false
  /// Whether a pair's answers must differ.
  package var requiresDifference = false
  /// Whether every message must say something.
  package var requiresText = false
  /// The most messages of a conversation, with the answer.
  package var maximumMessages: Int?
  /// What lengths are counted in, for messages.
  package let unit: String

  private let length: @Sendable ([Message]) throws -> Int
  private let totals: @Sendable (AnyRecord) throws -> [Int]

  /// A filter that keeps everything.
  /// - Parameters:
  ///   - unit: what lengths are counted in: `characters`.
  ///   - length: the length of some messages' texts.
  ///   - totals: the lengths of a record's whole conversations, one for each answer.
  package init(
    unit: String, length: @escaping @Sendable ([Message]) throws -> Int,
    totals: @escaping @Sendable (AnyRecord) throws -> [Int]
  ) {
    (self.unit, self.length, self.totals) = (unit, length, totals)
  }

  /// Why a record is left out; nil where it is kept. The first reason counts.
  package func reason(against record: AnyRecord) throws -> String? {
    let conversations = record.answers.map { record.prompt + $0 }
    if requiresAlternation, let problem = conversations.lazy.compactMap(Self.alternationProblem).first {
      return problem
    }
    if requiresText,
      conversations.joined().contains(where: { !$0.content.utf8.contains { $0 > 0x20 } && $0.toolCalls.isEmpty })
    {
      return "a message is empty"
    }
    if requiresDifference, case .pair(let pair) = record, pair.hasSameAnswers { return "both answers are the same" }
    if let maximumMessages, conversations.contains(where: { $0.count > maximumMessages }) {
      return "there are more than \(maximumMessages) messages"
    }
    if prompt.isSet, let problem = prompt.problem("the prompt", try length(record.prompt), unit) { return problem }
    if answer.isSet {
      for answer in record.answers {
        if let problem = self.answer.problem("an answer", try length(answer), unit) { return problem }
      }
    }
    if let maximumTotal, try totals(record).contains(where: { $0 > maximumTotal }) {
      return "prompt and answer have more than \(maximumTotal) \(unit)"
    }
    return nil
  }

  private static func alternationProblem(_ conversation: [Message]) -> String? {
    let turns = conversation.first?.role == "system" ? conversation.dropFirst() : conversation[...]
    guard turns.last?.role == "assistant" else { return "the conversation does not end with the assistant" }
    for (turn, role) in zip(turns, (0..<turns.count).map { $0 % 2 == 0 ? "user" : "assistant" }) where turn.role != role
    {
      return "roles do not alternate between user and assistant"
    }
    return nil
  }
}
