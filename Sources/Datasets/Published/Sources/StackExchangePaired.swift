/// `question`, and `response_j`, which has more votes than `response_k`.
struct StackExchangePaired: PublishedSource {
  static let name = "stack-exchange-paired"
  static let summary = "lvwerra/stack-exchange-paired, by votes"

  init(_: SourceChoices) {}

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    [
      .pair(
        try row.text("question"), try row.text("response_j"), try row.text("response_k"),
        source: "stack-exchange-paired", at: row.location)
    ]
  }
}
