import Datasets
import Foundation
import JSON
import Testing
import Text

@Suite struct UltraFeedbackPreferencesTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
  private static let raw = fixtures + "/ultrafeedback_raw.jsonl"

  /// What a person is told, by the names of the fixture.
  private static let reasons = [
    "source": "the prompt comes from TruthfulQA", "question": "the prompt is a question of TruthfulQA",
    "alone": "there are not two different answers", "tie": "no answer has a lower score than the best",
    "few": "fewer than two answers have a score", "empty": "the prompt or an answer is empty",
    "unrated": "completions have no rating and were not compared",
    "partly": "completions lack some of the four ratings; their mean is that of the others",
    "unscored": "completions have no overall_score and were not compared",
    "repaired": "completions have an overall_score of 10 where 1 was meant, and were given 1",
    "ties": "pairs have answers of equal scores",
  ]

  /// The pairs, drops and counts that `Scripts/fixtures/ultrafeedback.py` derives, byte for byte.
  @Test(arguments: 0..<5) func agreesWithFixture(number: Int) throws {
    let runs = try JSON(parsing: String(contentsOfFile: Self.fixtures + "/ultrafeedback_pairs.json", encoding: .utf8))
    let expected = try #require(runs.array?[number])
    func option<Option: RawRepresentable<String>>(_ name: String) throws -> Option {
      try #require(expected[name]?.string.flatMap(Option.init(rawValue:)))
    }
    var preferences = UltraFeedbackPreferences(
      score: try option("score"), rejected: try option("rejected"), ties: try option("ties"), seed: 42)
    preferences.keepsTruthfulQA = expected["truthfulqa"] == "keep"
    preferences.excludedPrompts = Set(texts: expected["questions"]?.array?.compactMap(\.string) ?? [])
    preferences.repairsScores = expected["repair"] == true

    let conversion = try Conversion(preferences, [Self.raw], skipInvalid: false)
    var found: [JSON] = []
    while let record = try conversion.next() {
      guard case .pair(let pair, _, _) = record else { continue }
      #expect(pair.prompt.count == 1 && pair.chosen.count == 1 && pair.rejected.count == 1)
      found.append([
        "line": .integer(pair.location.line), "prompt": .string(pair.prompt[0].content),
        "chosen": .string(pair.chosen[0].content), "rejected": .string(pair.rejected[0].content),
        "scores": .array([record.json["score_chosen"] ?? .null, record.json["score_rejected"] ?? .null]),
      ])
    }
    let pairs = try #require(expected["pairs"]?.array)
    #expect(found.count == pairs.count)
    for (found, pair) in zip(found, pairs) {
      #expect(
        ["line", "prompt", "chosen", "rejected"].allSatisfy { found[$0]?.text == pair[$0]?.text }, "\(pair.text)")
      #expect(found["scores"]?.array?.map(\.double) == pair["scores"]?.array?.map(\.double), "\(pair.text)")
    }
    func counts(_ tallies: [DatasetReport.Tally]) -> [String: Int] {
      Dictionary(uniqueKeysWithValues: tallies.map { ($0.reason, $0.count) })
    }
    func counts(_ name: String, _ isShown: (String) -> Bool = { _ in true }) -> [String: Int] {
      var counts: [String: Int] = [:]
      for (key, count) in expected[name]?.object ?? [:] where count != 0 && isShown(key) {
        counts[Self.reasons[key] ?? key] = count.int
      }
      return counts
    }
    #expect(counts(conversion.report.dropped) == counts("dropped"))
    let unreadable = "ratings are neither numbers nor N/A and were taken as missing"
    #expect(
      counts(conversion.report.remarks.filter { $0.reason != unreadable }) == counts("counts") { $0 != "rated" })
    #expect(conversion.report.isComplete)
  }

  @Test func aNoteOfEachOddity() throws {
    let conversion = try Conversion(
      UltraFeedbackPreferences(score: .meanAspects, seed: 42), [Self.raw], skipInvalid: false)
    while try conversion.next() != nil {}
    let unreadable = try #require(conversion.report.remarks.first { $0.reason.hasPrefix("ratings are neither") })
    #expect(unreadable.count == 6)
    #expect(
      unreadable.places == "'10/10' of a at \(Self.raw):16, '' of a at \(Self.raw):16, 'nan' of d at \(Self.raw):16, …")
    #expect(conversion.report.description.hasPrefix("read 58 records, made 50 pairs\ndropped 1: "))
  }

  @Test func splitMix64IsTheOneOfThePaper() {
    // The first outputs for the seed 1234567, as published with the reference implementation's tests.
    var generator = SplitMix64(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
    #expect(generator.next() == 9_817_491_932_198_370_423)
    #expect((0..<100).allSatisfy { _ in (0..<3).contains(generator.index(below: 3)) })
    #expect(generator.index(below: 0) == 0)
  }

  @Test(arguments: [
    ("1", "expected an object with 'instruction' and 'completions', found a number"),
    (#"{"source": 1}"#, "'source' must be a string, found a number"),
    (#"{"source": "s"}"#, "'instruction' is missing; expected a string"),
    (#"{"source": "s", "instruction": "i"}"#, "'completions' is missing; expected a list of objects"),
    (#"{"source": "s", "instruction": "i", "completions": [1]}"#, "'completions[0]' must be an object, found a number"),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"overall_score": "N/A"}]}"#,
      "'completions[0].overall_score' must be a finite number, found a string"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"overall_score": NaN}]}"#,
      "'completions[0].overall_score' must be a finite number, found a number"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"overall_score": 1e999}]}"#,
      "'completions[0].overall_score' must be a finite number, found a number"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"model": "m", "response": "r", "annotations": []}]}"#,
      "'completions[0].annotations' must be an object, found a list"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"model": "m", "response": "r", "annotations": {"honesty": 5}}]}"#,
      "'completions[0].annotations.honesty' must be an object, found a number"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"model": "m", "response": "r", "annotations": {"honesty": {"Rating": [5]}}}]}"#,
      "'completions[0].annotations.honesty.Rating' must be a finite number or its text, found a list"
    ),
    (
      #"{"source": "s", "instruction": "i", "completions": [{"overall_score": 1, "model": "m", "response": null}]}"#,
      "'completions[0].response' must be a string, found null"
    ),
  ])
  func saysWhatIsWrong(text: String, message: String) throws {
    let location = RecordLocation(file: "raw.jsonl", line: 2)
    let error = #expect(throws: RecordError.self) {
      try UltraFeedbackRecord(json: JSON(parsing: text), location: location)
    }
    #expect(error?.description == "raw.jsonl:2: " + message)
  }
}
