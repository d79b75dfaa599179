import JSON
import Text

/// `chosen` and `rejected`, each a transcript: the pair is the first turn that differs, the prompt what stands before it.
struct HHRLHF: PublishedSource {
  static let name = "hh-rlhf"
  static let summary = "Anthropic/hh-rlhf, cut at the first differing turn"

  private(set) var remarks: [DatasetReport.Tally] = []

  init(_: SourceChoices) {}

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let (chosen, rejected) = (try row.transcript("chosen"), try row.transcript("rejected"))
    let shared = zip(chosen, rejected).prefix { first, second in
      first.role == second.role && first.content.stripped.isIdenticalText(to: second.content.stripped)
    }.count
    guard shared < min(chosen.count, rejected.count) else {
      return [.dropped("one transcript is the beginning of the other", row.location, rows: 1)]
    }
    let outcome = Outcome.pair(
      Array(chosen[..<shared]), [chosen[shared]], [rejected[shared]], source: "hh-rlhf", at: row.location)
    if case .record = outcome, max(chosen.count, rejected.count) > shared + 1 {
      remarks.count("pairs lack what was said after the first turn that differs", row.location.description)
    }
    return [outcome]
  }
}
