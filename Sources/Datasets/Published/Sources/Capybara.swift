/// `chosen` and `rejected`, whole conversations, with `rating_chosen` and `rating_rejected`.
struct Capybara: PublishedSource {
  static let name = "capybara"
  static let summary = "argilla/distilabel-capybara-dpo-7k-binarized"
  static let choices = SourceChoices(ties: .keep)

  private(set) var remarks: [DatasetReport.Tally] = []
  private let choices: SourceChoices

  init(_ choices: SourceChoices) { self.choices = choices }

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let scores = PublishedRecord.Scores(
      chosen: try row.number("rating_chosen"), rejected: try row.number("rating_rejected"))
    let isTie = scores.chosen == scores.rejected
    guard !isTie || choices.ties == .keep else { return [.dropped("the ratings are equal", row.location, rows: 1)] }
    let outcome = Outcome.pair(
      [], try row.messages("chosen"), try row.messages("rejected"), source: "argilla-capybara", scores: scores,
      at: row.location)
    if case .record = outcome, isTie { remarks.count("pairs have equal ratings", row.location.description) }
    return [outcome]
  }
}
