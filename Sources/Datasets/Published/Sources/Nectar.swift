import JSON
import Text

/// `prompt`, a transcript, and `answers` with `answer`, `rank` and `model`: rank 1 is the best.
struct Nectar: PublishedSource {
  static let name = "nectar"
  static let summary = "berkeley-nest/Nectar, rank 1 over another"
  static let choices = SourceChoices(rejected: .random, ties: .keep)

  private(set) var remarks: [DatasetReport.Tally] = []
  private var choice: AnswerChoice

  init(_ choices: SourceChoices) { choice = AnswerChoice(choices) }

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    var prompt = try row.transcript("prompt")
    // The published prompts end where the answer is to begin.
    if let last = prompt.last, last.role == "assistant", last.content.stripped.isEmpty { prompt.removeLast() }
    var answers: [AnswerChoice.Answer] = []
    for (index, answer) in try row.fields.objects(row.json["answers"], "answers").enumerated() {
      let name = "answers[\(index)]"
      answers.append(
        AnswerChoice.Answer(
          text: try row.fields.string(answer["answer"], "\(name).answer"),
          score: -(try row.fields.number(answer["rank"], "\(name).rank")),
          model: try row.fields.string(answer["model"], "\(name).model")))
    }
    switch choice.choose(answers) {
    case .failure(let failure): return [.dropped(failure.rawValue, row.location, rows: 1)]
    case .success((let chosen, let rejected)):
      let outcome = Outcome.pair(
        prompt, [Message(role: "assistant", content: chosen.text)],
        [Message(role: "assistant", content: rejected.text)], source: "nectar", at: row.location)
      if case .record = outcome, chosen.score == rejected.score {
        remarks.count("pairs have answers of equal ranks", row.location.description)
      }
      return [outcome]
    }
  }
}
