/// A ready-made split: `chosen` and `rejected`, whole conversations, and `source`. Texts stay as they are.
struct TuluPreferences: PublishedSource {
  static let name = "tulu-2.5-preference-data"
  static let summary = "allenai/tulu-2.5-preference-data, any split"

  init(_: SourceChoices) {}

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let pair = try PreferencePair(json: row.json, location: row.location)
    return [.record(.pair(pair, source: try row.text("source"), scores: nil), rows: 1)]
  }
}
