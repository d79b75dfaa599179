/// `history`, a post, and two comments, `human_ref_A` and `human_ref_B`; `labels` is 1 where A is preferred, else 0.
struct SHP2: PublishedSource {
  static let name = "shp-2"
  static let summary = "stanfordnlp/SHP-2 (or SHP), by label"

  init(_: SourceChoices) {}

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let (prompt, a, b) = (try row.text("history"), try row.text("human_ref_A"), try row.text("human_ref_B"))
    let (scoreA, scoreB) = (try row.numberOrNil("score_A"), try row.numberOrNil("score_B"))
    switch row.json["labels"]?.int {
    case 1: return [.pair(prompt, a, b, source: "shp", scores: .init(scoreA, scoreB), at: row.location)]
    case 0: return [.pair(prompt, b, a, source: "shp", scores: .init(scoreB, scoreA), at: row.location)]
    default: throw row.mismatch("labels", "0 or 1")
    }
  }
}
