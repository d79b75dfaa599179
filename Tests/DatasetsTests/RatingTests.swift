import Datasets
import JSON
import Testing

@Suite struct RatingTests {
  private let place = RecordLocation(file: "ratings.jsonl", line: 1)

  private func ratings(_ line: String) throws -> [Rating] {
    try RatedAnswers(json: JSON(parsing: line), location: place).ratings
  }

  @Test(arguments: [("true", true), ("1", true), ("1.0", true), ("false", false), ("0", false)])
  func labelsAreTruthsOrOneAndZero(label: String, isGood: Bool) throws {
    let found = try ratings(#"{"prompt": "Why?", "completion": "So.", "label": \#(label), "system": "Be brief."}"#)
    #expect(found.count == 1 && found[0].isGood == isGood)
    #expect(found[0].prompt.map(\.content) == ["Be brief.", "Why?"])
    #expect(found[0].completion.map(\.role) == ["assistant"])
  }

  @Test func aPairIsAGoodAnswerAndABadOne() throws {
    let record = try RatedAnswers(
      json: JSON(parsing: #"{"prompt": "Why?", "chosen": "So.", "rejected": "No."}"#), location: place)
    #expect(record.ratings.map(\.isGood) == [true, false])
    #expect(record.ratings.map { $0.completion[0].content } == ["So.", "No."])
    #expect(record.ratings.allSatisfy { $0.prompt.map(\.content) == ["Why?"] })
    #expect(record.remark == "a pair; it is taken as two answers, a good one and a bad one")
  }

  @Test func aTableMayHoldBoth() throws {
    let rating = #"{"prompt": "a", "completion": "b", "label": 0, "chosen": null, "rejected": null}"#
    let pair = #"{"prompt": "a", "completion": null, "label": null, "chosen": "b", "rejected": "c"}"#
    #expect(try ratings(rating).map(\.isGood) == [false])
    #expect(try ratings(pair).map(\.isGood) == [true, false])
  }

  @Test func answersAreMessagesToo() throws {
    let found = try ratings(
      #"""
      {"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}], "label": true}
      """#)
    #expect(found[0].completion.map(\.content) == ["b"])
  }

  @Test(arguments: [
    (#"{"prompt": "a", "completion": "b"}"#, "'label' is missing; expected true or false, or 1 or 0"),
    (
      #"{"prompt": "a", "completion": "b", "label": "true"}"#,
      "'label' must be true or false, or 1 or 0, found a string"
    ),
    (#"{"prompt": "a", "completion": "b", "label": 2}"#, "'label' must be true or false, or 1 or 0, found a number"),
    (
      #"{"prompt": "a", "completion": "b", "label": null}"#,
      "'label' must be true or false, or 1 or 0, found null"
    ),
    (#"{"prompt": "a", "label": true}"#, "'completion' is missing; expected a list of messages or a string"),
    (
      #"{"prompt": "a", "chosen": "b", "label": true}"#,
      "'rejected' is missing; expected a list of messages or a string"
    ),
    (#"[1]"#, "expected an object with 'prompt', 'completion' and 'label', found a list"),
  ]) func whatIsNoRatingIsRefused(line: String, problem: String) {
    let error = #expect(throws: RecordError.self) { try ratings(line) }
    #expect(error?.description == "ratings.jsonl:1: \(problem)")
  }
}
