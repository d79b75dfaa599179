import Datasets
import Foundation
import JSON
import Testing
import Text

@Suite struct OverallPreferencesTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path

  /// The pairs that `Scripts/ultrafeedback_fixture.py` derives, byte for byte.
  @Test func agreesWithFixture() throws {
    let expected = try JSON(
      parsing: String(contentsOfFile: Self.fixtures + "/ultrafeedback_pairs.json", encoding: .utf8))
    let records = try DatasetReader<UltraFeedbackRecord>([Self.fixtures + "/ultrafeedback_raw.jsonl"]).readAll()
    var preferences = OverallPreferences(seed: 42)
    let pairs = records.compactMap { preferences.pair(of: $0) }
    let found = pairs.map { pair -> JSON in
      [
        "line": .integer(pair.location.line), "prompt": .string(pair.prompt[0].content),
        "chosen": .string(pair.chosen[0].content), "rejected": .string(pair.rejected[0].content),
      ]
    }
    #expect(JSON.array(found).text == expected["pairs"]?.text)
    #expect(pairs.allSatisfy { $0.prompt.count == 1 && $0.chosen.count == 1 && $0.rejected.count == 1 })
    let dropped = Dictionary(uniqueKeysWithValues: preferences.dropped.map { ("\($0.key)", $0.value) })
    #expect(dropped == expected["dropped"]?.object?.reduce(into: [:]) { $0[$1.key] = $1.value.int })
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
