import Foundation
import JSON
import Text

/// A person's judgement of two answers to one conversation.
struct Vote {
  /// An answer and who gave it.
  struct Answer {
    let model: String
    let text: String
    /// The calls of functions, their arguments as values.
    let calls: [JSON]
    /// Whether it was cut at the token limit, so that its last word is no end.
    let isCut: Bool
  }

  /// Which answer is better, or why none is.
  enum Verdict: Equatable {
    case better(Int)
    case tie
    case bothBad
  }

  let prompt: [Message]
  /// The column `tools`, where there were some.
  let tools: TextKeyed<JSON>
  /// The answers in the order in which they were shown.
  let answers: [Answer]
  let verdict: Verdict
  /// The better one; nil where none is.
  var better: Int? { if case .better(let index) = verdict { index } else { nil } }

  /// Reads the body of `POST /votes`.
  /// - Parameter models: the two that are compared.
  init(_ fields: RequestFields, models: [String]) throws(APIError) {
    prompt = try Self.prompt(fields)
    tools = try Self.tools(fields)
    guard let list = try fields.array("answers") else { throw fields.missing("answers") }
    var answers: [Answer] = []
    for (index, element) in list.enumerated() {
      answers.append(try Answer(RequestFields(element, name: "answers[\(index)]")))
    }
    guard answers.count == 2, Set(texts: answers.map(\.model)) == Set(texts: models) else {
      throw .invalid(
        "'answers' must hold one answer of each model: \(models.joined(separator: ", "))", field: "answers")
    }
    self.answers = answers
    guard let choice = try fields.string("choice") else { throw fields.missing("choice") }
    switch choice {
    case "first": verdict = .better(0)
    case "second": verdict = .better(1)
    case "tie": verdict = .tie
    case "both_bad": verdict = .bothBad
    default:
      throw .invalid(
        "'choice' must be \"first\", \"second\", \"tie\" or \"both_bad\", found \"\(choice)\"", field: "choice")
    }
    guard better == nil || !answers[0].isSame(as: answers[1]) else {
      throw .invalid("both answers are the same, so neither is better", field: "choice")
    }
  }

  /// The vote as a line of its file. A preference has the columns that `caravan dpo` reads: `prompt`, `chosen`,
  /// `rejected`, and `tools`; a tie, or two bad answers, has `answers` instead, since there is nothing to prefer.
  func json(time: Date) -> JSON {
    .object(columns(time: .string(time.ISO8601Format())).merging(tools) { $1 })
  }

  private func columns(time: JSON) -> TextKeyed<JSON> {
    let prompt = JSON.array(prompt.map(\.json))
    guard let better else {
      return [
        "prompt": prompt,
        "answers": .array(
          answers.map { ["model": .string($0.model), "messages": $0.messages, "cut": .bool($0.isCut)] }),
        "choice": verdict == .tie ? "tie" : "both_bad", "time": time,
      ]
    }
    let (chosen, rejected) = (answers[better], answers[1 - better])
    return [
      "prompt": prompt, "chosen": chosen.messages, "rejected": rejected.messages,
      "chosen_model": .string(chosen.model), "rejected_model": .string(rejected.model),
      "chosen_cut": .bool(chosen.isCut), "rejected_cut": .bool(rejected.isCut),
      "shown_first": .string(answers[0].model), "time": time,
    ]
  }
}
