import Datasets
import Foundation
import JSON
import Quickstart
import TestSupport
import Testing
import Text

@Suite struct QuickstartDataTests {
  let records = QuickstartData.records(count: 1_000, seed: 42)
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func sameSeedSameData() {
    let again = QuickstartData.records(count: 1_000, seed: 42)
    #expect(records.map(\.json) == again.map(\.json))
    #expect(records.map(\.json) != QuickstartData.records(count: 1_000, seed: 43).map(\.json))
    #expect(QuickstartData.records(count: 10, seed: 42).map(\.json) == records.prefix(10).map(\.json))
    let questions = QuickstartData.heldOutQuestions(count: 50, seed: 7)
    #expect(questions == QuickstartData.heldOutQuestions(count: 50, seed: 7))
  }

  /// The first record, word for word: it may change neither between machines nor between versions unnoticed, since the
  /// README quotes what comes of the data.
  @Test func firstRecordIsKnown() throws {
    let first = try #require(records.first)
    #expect(
      first.question.text == "The brown clock was made by Ada. It stands on the shelf. It costs 3 coins. Who made it?")
    #expect(first.question.rightValue == "Ada")
    let answers = first.completions.map { "\($0.model) \($0.verdict.score): \($0.response)" }
    #expect(
      answers == [
        "rude 7: Not you again. The brown clock was made by Ada. Now go away.", "curt 6: Ada.",
        "chatty 10: Gladly! The brown clock was made by Ada. Have a lovely day!",
        "careful 10: With pleasure! The brown clock was made by Ada. Have a lovely day!",
      ])
  }

  @Test func heldOutThingsNeverOccurInTraining() {
    let heldOut = Set(QuickstartData.heldOutQuestions(count: 1_000, seed: 1).map(\.thing))
    let trained = Set(QuickstartData.records(count: 5_000, seed: 2).map(\.question.thing))
    #expect(heldOut.count == 16)
    #expect(trained.count == 112)
    #expect(heldOut.isDisjoint(with: trained))
    let words = { (things: Set<String>) in Set(things.flatMap { $0.split(separator: " ") }) }
    #expect(words(heldOut) == words(trained))
  }

  @Test func promptHoldsItsAnswer() {
    for question in QuickstartData.heldOutQuestions(count: 200, seed: 3) {
      #expect(question.text.contains(question.rightValue))
      #expect(question.text.contains(question.thing.dropFirst()))
    }
  }

  /// About four in ten of all candidates are as one would wish, so that a model trained on all of them has something
  /// to learn from preferences.
  @Test func candidatesAreMixed() {
    let scores = records.flatMap { $0.completions.map(\.verdict.score) }
    #expect(scores.count == 4_000)
    #expect(scores.allSatisfy { (1...10).contains($0) })
    let preferred = Double(scores.filter { $0 == 10 }.count) / Double(scores.count)
    #expect((0.34...0.42).contains(preferred))
    #expect(Set(scores).count >= 7)
    #expect(records.allSatisfy { Set($0.completions.map(\.model)).count == 4 })
  }

  /// From the generator through a file to pairs, as the quickstart goes.
  @Test func chosenIsNeverWorseThanRejected() throws {
    let file = folder.path("records.jsonl")
    try JSONLines.write(records.map(\.json), to: file)
    let raw = try DatasetReader<UltraFeedbackRecord>([file]).readAll()
    #expect(raw.map(\.instruction) == records.map(\.question.text))
    var preferences = UltraFeedbackPreferences(seed: 42)
    let pairs = raw.compactMap { preferences.pair(of: $0) }
    #expect(pairs.count == records.count)
    var better = 0
    for (pair, record) in zip(pairs, records) {
      let chosen = ShopJudge.verdict(on: pair.chosen[0].content, to: record.question).score
      let rejected = ShopJudge.verdict(on: pair.rejected[0].content, to: record.question).score
      #expect(chosen >= rejected)
      #expect(chosen == record.completions.map(\.verdict.score).max())
      better += chosen > rejected ? 1 : 0
    }
    #expect(better > 750)
  }

  @Test func writtenConversationsAndPairsReadBack() throws {
    let file = folder.path("records.jsonl")
    let conversations = QuickstartData.conversations(of: Array(records.prefix(20)))
    try JSONLines.write(conversations.map(\.json), to: file)
    #expect(try DatasetReader<Conversation>([file]).readAll().map(\.messages) == conversations.map(\.messages))
    let message = Message(role: "user", content: " a\u{0}\"\\\n\u{2028}😀")
    let pair = PreferencePair(
      prompt: [message], chosen: [Message(role: "assistant", content: "b")],
      rejected: [Message(role: "assistant", content: "")], location: RecordLocation(file: file, line: 1))
    try JSONLines.write([pair.json], to: file)
    #expect(try DatasetReader<PreferencePair>([file]).readAll() == [pair])
  }

  @Test func unwritableFileIsAnError() throws {
    #expect(throws: DatasetError.self) { try JSONLines.write([JSON.null], to: "/nowhere/x.jsonl") }
  }

  @Test func tokenizerHasItsSpecialTokensAndCoversAllBytes() throws {
    let bytes = try #require(QuickstartTokenizer.files["tokenizer.json"])
    #expect(bytes.count < 60_000)
    let tokenizer = try JSON(parsing: bytes)
    let vocabulary = try #require(tokenizer["model"]?["vocab"]?.object)
    #expect(vocabulary.count == 512)
    #expect(Set(vocabulary.values.compactMap(\.int)) == Set(0..<512))
    #expect(["<unk>", "<s>", "</s>"].map { vocabulary[$0]?.int } == [0, 1, 2])
    #expect(vocabulary.keys.filter { $0.unicodeScalars.count == 1 }.count == 256)
    let config = try JSON(parsing: try #require(QuickstartTokenizer.files["tokenizer_config.json"]))
    #expect(config["bos_token"] == "<s>")
    #expect(config["eos_token"] == "</s>")
  }
}
