/// A ready-made mixture of conversations: `messages`, `dataset` and `id`. Texts stay as they are.
struct TuluMixture: PublishedSource {
  static let name = "tulu-v2-sft-mixture"
  static let summary = "allenai/tulu-v2-sft-mixture, conversations for sft"

  init(_: SourceChoices) {}

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let conversation = try Conversation(json: row.json, location: row.location)
    let dataset = row.fields.has("dataset") ? try row.text("dataset") : nil
    return [
      .record(
        .conversation(conversation, dataset: dataset, id: row.fields.has("id") ? try row.text("id") : nil), rows: 1)
    ]
  }
}
