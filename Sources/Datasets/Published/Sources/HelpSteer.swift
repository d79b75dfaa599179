import JSON
import Text

/// `prompt`, `response` and its attributes, a row for each response; rows that follow one another with the same prompt
/// belong together. The score is the mean of `helpfulness`, `correctness`, `coherence` and `complexity`; `verbosity`
/// does not count, as in the published split.
///
/// HelpSteer2 has the same columns. Its prompts of several turns, which are marked with `<extra_id_1>`, become messages.
struct HelpSteer: PublishedSource {
  static let name = "helpsteer"
  static let summary = "nvidia/HelpSteer or HelpSteer2, mean of attributes"
  static let choices = SourceChoices(rejected: .random, ties: .keep)
  private static let attributes = ["helpfulness", "correctness", "coherence", "complexity"]

  private(set) var remarks: [DatasetReport.Tally] = []
  private var choice: AnswerChoice
  private var group: (prompt: String, location: RecordLocation, answers: [AnswerChoice.Answer])?

  init(_ choices: SourceChoices) { choice = AnswerChoice(choices) }

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let prompt = try row.text("prompt")
    var sum = 0.0
    for attribute in Self.attributes { sum += try row.number(attribute) }
    guard sum.isFinite else { throw RecordError(row.location, "the attributes are too large for a mean") }
    let answer = AnswerChoice.Answer(text: try row.text("response"), score: sum / Double(Self.attributes.count))
    if let group, group.prompt.isIdenticalText(to: prompt) {
      self.group?.answers.append(answer)
      return []
    }
    let outcomes = finish()
    group = (prompt, row.location, [answer])
    return outcomes
  }

  mutating func finish() -> [Outcome] {
    guard let group else { return [] }
    self.group = nil
    let rows = group.answers.count
    switch choice.choose(group.answers) {
    case .failure(let failure): return [.dropped(failure.rawValue, group.location, rows: rows)]
    case .success((let chosen, let rejected)):
      let outcome = Outcome.pair(
        Self.messages(group.prompt), [Message(role: "assistant", content: chosen.text)],
        [Message(role: "assistant", content: rejected.text)], source: "helpsteer",
        scores: .init(chosen: chosen.score, rejected: rejected.score), at: group.location, rows: rows)
      if case .record = outcome, chosen.score == rejected.score {
        remarks.count("pairs have answers of equal scores", group.location.description)
      }
      return [outcome]
    }
  }

  /// The turns of a prompt: the user's first, each further one behind `<extra_id_1>` and the speaker's name on its line.
  private static func messages(_ prompt: String) -> [Message] {
    var messages: [Message] = []
    for (index, part) in prompt.split(separator: "<extra_id_1>", omittingEmptySubsequences: false).enumerated() {
      if part.hasPrefix("User\n") {
        messages.append(Message(role: "user", content: String(part.dropFirst("User\n".count))))
      } else if part.hasPrefix("Assistant\n") {
        messages.append(Message(role: "assistant", content: String(part.dropFirst("Assistant\n".count))))
      } else if index == 0 {
        if !String(part).stripped.isEmpty { messages.append(Message(role: "user", content: String(part))) }
      } else {
        return [Message(role: "user", content: prompt)]
      }
    }
    if messages.count > 1, messages.last?.role == "assistant", messages.last?.content.stripped.isEmpty == true {
      messages.removeLast()
    }
    return messages.isEmpty ? [Message(role: "user", content: prompt)] : messages
  }
}
