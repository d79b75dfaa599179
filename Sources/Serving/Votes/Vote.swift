import Foundation
import JSON
import Text

/// A person's judgement of two answers to one conversation.
struct Vote {
  /// An answer and who gave it.
  struct Answer {
    let model: String
    let text: String
  }

  let prompt: [Message]
  /// The answers in the order in which they were shown.
  let answers: [Answer]
  /// The better one; nil for a tie.
  let better: Int?

  /// Reads the body of `POST /votes`.
  /// - Parameter models: the two that are compared.
  init(_ fields: RequestFields, models: [String]) throws(APIError) {
    guard let elements = try fields.array("prompt") else { throw fields.missing("prompt") }
    prompt = try ChatRequest.messages(elements, field: "prompt")
    guard prompt.last?.role == "user" else {
      throw .invalid("'prompt' must end with a message of the user", field: "prompt")
    }
    guard let list = try fields.array("answers") else { throw fields.missing("answers") }
    var answers: [Answer] = []
    for (index, element) in list.enumerated() {
      let fields = try RequestFields(element, name: "answers[\(index)]")
      guard let model = try fields.string("model") else { throw fields.missing("model") }
      guard let text = try fields.string("content") else { throw fields.missing("content") }
      answers.append(Answer(model: model, text: text))
    }
    guard answers.count == 2, Set(texts: answers.map(\.model)) == Set(texts: models) else {
      throw .invalid(
        "'answers' must hold one answer of each model: \(models.joined(separator: ", "))", field: "answers")
    }
    self.answers = answers
    guard let choice = try fields.string("choice") else { throw fields.missing("choice") }
    switch choice {
    case "first": better = 0
    case "second": better = 1
    case "tie": better = nil
    default:
      throw .invalid("'choice' must be \"first\", \"second\" or \"tie\", found \"\(choice)\"", field: "choice")
    }
    guard better == nil || Array(answers[0].text.utf8) != Array(answers[1].text.utf8) else {
      throw .invalid("both answers are the same, so neither is better", field: "choice")
    }
  }

  /// The vote as a line of its file. A preference has the columns that `caravan dpo` reads: `prompt`, `chosen`,
  /// `rejected`; a tie has `answers` instead, since there is nothing to prefer.
  func json(time: Date) -> JSON {
    let time = JSON.string(time.ISO8601Format())
    let prompt = JSON.array(prompt.map(\.json))
    func messages(_ answer: Answer) -> JSON { [["role": "assistant", "content": .string(answer.text)]] }
    guard let better else {
      return [
        "prompt": prompt,
        "answers": .array(answers.map { ["model": .string($0.model), "messages": messages($0)] }), "time": time,
      ]
    }
    let (chosen, rejected) = (answers[better], answers[1 - better])
    return [
      "prompt": prompt, "chosen": messages(chosen), "rejected": messages(rejected),
      "chosen_model": .string(chosen.model), "rejected_model": .string(rejected.model),
      "shown_first": .string(answers[0].model), "time": time,
    ]
  }
}
