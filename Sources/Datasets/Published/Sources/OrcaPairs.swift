import JSON
import Text

/// `system`, `question` (in Argilla's layout `input`), `chosen` and `rejected`; Argilla's `status` is `tie` where its judge
/// found both answers equally good. The published splits leave the system prompts out and keep the ties.
struct OrcaPairs: PublishedSource {
  static let name = "orca-dpo-pairs"
  static let summary = "Intel/orca_dpo_pairs, or argilla/distilabel-intel-…"
  static let choices = SourceChoices(ties: .keep, systemPrompts: .drop)

  private(set) var remarks: [DatasetReport.Tally] = []
  private let choices: SourceChoices

  init(_ choices: SourceChoices) { self.choices = choices }

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let isArgilla = row.fields.has("input") && !row.fields.has("question")
    let (system, question) = (try row.textOrEmpty("system"), try row.text(isArgilla ? "input" : "question"))
    let (chosen, rejected) = (try row.text("chosen"), try row.text("rejected"))
    let isTie = try row.textOrEmpty("status") == "tie"
    guard !isTie || choices.ties == .keep else { return [.dropped("the answers are a tie", row.location, rows: 1)] }
    let hasSystem = !system.stripped.isEmpty
    let keepsSystem = hasSystem && choices.systemPrompts == .keep
    let outcome = Outcome.pair(
      (keepsSystem ? [Message(role: "system", content: system)] : []) + [Message(role: "user", content: question)],
      [Message(role: "assistant", content: chosen)], [Message(role: "assistant", content: rejected)],
      source: isArgilla ? "orca_dpo_pairs_argilla" : "orca_dpo_pairs", at: row.location)
    if case .record = outcome {
      if isTie { remarks.count("pairs are ties", row.location.description) }
      if hasSystem, !keepsSystem { remarks.count("pairs lack their system prompt", row.location.description) }
    }
    return [outcome]
  }
}
