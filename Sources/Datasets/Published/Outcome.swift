import JSON
import Text

/// What rows of a published data set became.
package enum Outcome: Sendable {
  /// A record to train on, made of so many rows.
  case record(PublishedRecord, rows: Int)
  /// Nothing, of so many rows, the first of which stands at the location.
  case dropped(String, RecordLocation, rows: Int)
}

extension Outcome {
  /// A pair of answers to a prompt, made as the Tulu 2.5 splits are: texts are stripped, and there is no pair where a
  /// message is empty then, or where an answer does not end with an assistant's message.
  static func pair(
    _ prompt: [Message], _ chosen: [Message], _ rejected: [Message], source: String,
    scores: PublishedRecord.Scores? = nil, at location: RecordLocation, rows: Int = 1
  ) -> Outcome {
    func stripped(_ messages: [Message]) -> [Message] {
      messages.map { Message(role: $0.role, content: $0.content.stripped) }
    }
    let sides = [stripped(prompt + chosen), stripped(prompt + rejected)]
    guard sides.allSatisfy({ !$0.contains { $0.content.isEmpty } }) else {
      return .dropped("the prompt or an answer is empty", location, rows: rows)
    }
    guard sides.allSatisfy({ $0.last?.role == "assistant" }) else {
      return .dropped("an answer does not end with an assistant's message", location, rows: rows)
    }
    guard let pair = PreferencePair(chosen: sides[0], rejected: sides[1], location: location) else {
      return .dropped("the two conversations do not begin with the same message", location, rows: rows)
    }
    return .record(.pair(pair, source: source, scores: scores), rows: rows)
  }

  /// A pair of texts that answer a text.
  static func pair(
    _ prompt: String, _ chosen: String, _ rejected: String, source: String, scores: PublishedRecord.Scores? = nil,
    at location: RecordLocation, rows: Int = 1
  ) -> Outcome {
    pair(
      [Message(role: "user", content: prompt)], [Message(role: "assistant", content: chosen)],
      [Message(role: "assistant", content: rejected)], source: source, scores: scores, at: location, rows: rows)
  }
}
