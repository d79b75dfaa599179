import Foundation
import JSON
import Text

/// A person's judgement of one answer: good, bad, or neither, which takes an earlier judgement back.
struct AnswerRating {
  /// An answer that was judged.
  struct Judged {
    let prompt: [Message]
    /// The column `tools`, where there were some.
    let tools: TextKeyed<JSON>
    let answer: Vote.Answer
    let isGood: Bool
  }

  /// The name of the judgement whose place this one takes; nil where it is the first of its answer.
  let replaced: String?
  /// What was judged; nil where an earlier judgement is taken back.
  let judged: Judged?

  /// Reads the body of `POST /ratings`.
  /// - Parameter models: those that are served.
  init(_ fields: RequestFields, models: [String]) throws(APIError) {
    replaced = try fields.string("id")
    guard let choice = try fields.string("rating") else { throw fields.missing("rating") }
    guard ["good", "bad", "none"].contains(choice) else {
      throw .invalid(
        "'rating' must be \"good\", \"bad\" or \"none\", found \"\(choice.cut(to: 100))\"", field: "rating")
    }
    guard choice != "none" else {
      guard replaced != nil else { throw fields.missing("id") }
      judged = nil
      return
    }
    guard let element = fields["answer"] else { throw fields.missing("answer") }
    let answer = try Vote.Answer(RequestFields(element, name: "answer"))
    guard models.contains(answer.model) else {
      throw .invalid("'answer.model' must be one of \(models.joined(separator: ", "))", field: "answer.model")
    }
    judged = Judged(
      prompt: try Vote.prompt(fields), tools: try Vote.tools(fields), answer: answer, isGood: choice == "good")
  }
}

extension AnswerRating.Judged {
  /// The rating as a line of its file, with the columns that `caravan kto` reads: `prompt`, `completion`, `label`, `tools`.
  func json(id: String, time: Date) -> JSON {
    let columns: TextKeyed<JSON> = [
      "id": .string(id), "prompt": .array(prompt.map(\.json)), "completion": answer.messages, "label": .bool(isGood),
      "model": .string(answer.model), "cut": .bool(answer.isCut), "time": .string(time.ISO8601Format()),
    ]
    return .object(columns.merging(tools) { $1 })
  }
}
