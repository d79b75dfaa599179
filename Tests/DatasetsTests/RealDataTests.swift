import Datasets
import TestSupport
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
    let conversion = try Conversion(UltraFeedbackPreferences(seed: 42), [path], skipInvalid: false)
    while try conversion.next() != nil {}
    #expect(conversion.report.read == 400)
    #expect(conversion.report.isComplete)
    #expect(conversion.report.pairs > 390)
  }
}
