import Datasets
import Testing

/// Published data, where the machine has them.
@Suite(.enabled(if: sharedFile("hh_rlhf_harmless.jsonl.gz") != nil, "the shared real data are absent"))
struct RealDataTests {
  @Test(arguments: [("ultrafeedback_binarized.jsonl.gz", 500), ("hh_rlhf_harmless.jsonl.gz", 1_200)])
  func readsEveryPair(name: String, count: Int) throws {
    let reader = try DatasetReader<PreferencePair>([try #require(sharedFile(name))])
    let pairs = try reader.readAll()
    #expect(pairs.count == count)
    #expect(reader.report.kept == count)
    #expect(reader.report.skipped.isEmpty)
    #expect(pairs.allSatisfy { $0.prompt.first?.role == "user" && $0.chosen.last?.role == "assistant" })
  }

  @Test func readsEveryTranscriptToItsTurns() throws {
    let pairs = try DatasetReader<PreferencePair>([try #require(sharedFile("hh_rlhf_harmless.jsonl.gz"))]).readAll()
    // The published transcripts differ in their last turn, and in nothing else.
    #expect(pairs.allSatisfy { $0.chosen.count == 1 && $0.rejected.count == 1 })
    #expect(pairs.allSatisfy { $0.prompt.last?.role == "user" || $0.prompt.last?.role == "assistant" })
    #expect(pairs.filter { $0.prompt.count == 1 }.count == 356)
    #expect(!pairs.contains { pair in pair.prompt.contains { $0.content.contains("\n\nHuman: ") } })
  }

  @Test func derivesPairsOfEveryScoredRecord() throws {
    let path = try #require(sharedFile("alpaca_eval_in_ultrafeedback_schema.jsonl.gz"))
    let records = try DatasetReader<UltraFeedbackRecord>([path]).readAll()
    #expect(records.count == 400)
    #expect(records.allSatisfy { $0.completions.count == 4 })
    var preferences = OverallPreferences(seed: 42)
    let pairs = records.compactMap { preferences.pair(of: $0) }
    #expect(pairs.count + preferences.dropped.values.reduce(0, +) == 400)
    #expect(pairs.count > 390)
  }
}
