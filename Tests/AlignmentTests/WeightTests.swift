import Alignment
import Datasets
import JSON
import Objectives
import Testing
import Text

/// Weights of records and messages become a column, one number a scored place.
@Suite struct WeightTests {
  private static let template = """
    {% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' }}{% if m.role == 'assistant' %}\
    {% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\
    {{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  private static func conversation(_ first: Double, _ last: Double, record: Double = 1) -> Conversation {
    func answer(_ text: String, _ weight: Double) -> Message {
      Message(
        role: "assistant", content: text,
        fields: ["role": "assistant", "content": .string(text), "weight": .number(weight)])
    }
    return Conversation(
      messages: [
        Message(role: "user", content: "a"), answer("bb", first), Message(role: "user", content: "c"),
        answer("dd", last),
      ], weight: record, location: RecordLocation(file: "a.jsonl", line: 1))
  }

  private static func made(
    _ conversation: Conversation, mask: LossMask = .auto, length: Int = 4096
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    let builder = try SequenceBuilder(format: ChatBase.format(template), mask: mask)
    return try builder.examples([conversation], limits: .init(maximumLength: length, vocabularySize: 294))
  }

  @Test(arguments: LossMask.allCases) func weightsMultiplyUnderEveryMask(mask: LossMask) throws {
    let example = try #require(Self.made(Self.conversation(0.5, 4, record: 3), mask: mask).examples.first)
    let weights = try #require(example.columns[.weight])
    #expect(weights.map(\.count) == [example.scoredCount])
    #expect(Set(weights[0]) == (mask == .last ? [12] : [1.5, 12]))
    #expect(mask == .last || weights[0].first == 1.5)
    #expect(weights[0].last == 12)
  }

  @Test(arguments: LossMask.allCases) func zeroIsNotScored(mask: LossMask) throws {
    let example = try #require(Self.made(Self.conversation(0, 0.5), mask: mask).examples.first)
    #expect(ChatBase.scored(example.sequences[0]).allSatisfy { $0.hasPrefix("dd") })
    #expect(example.columns[.weight].map { Set($0.joined()) } == [0.5])
    #expect(
      try Self.made(Self.conversation(1, 1, record: 0), mask: mask).report.lines == [
        "left out 1: their weight is 0 (a.jsonl:1)"
      ])
  }

  @Test func weightsOfOneAreNoColumn() throws {
    let (examples, report) = try Self.made(Self.conversation(1, 1))
    #expect(examples.first?.columns.isEmpty == true && report.lines.isEmpty)
    // Products and what a mask or a cut leaves count, not what stands in the file.
    #expect(try Self.made(Self.conversation(0.5, 0.5, record: 2)).examples.first?.columns.isEmpty == true)
    #expect(try Self.made(Self.conversation(2, 1), mask: .last).examples.first?.columns.isEmpty == true)
    let whole = try #require(Self.made(Self.conversation(1, 2)).examples.first)
    let length = try #require(whole.sequences[0].isScored.firstIndex(of: true)) + 1
    #expect(try Self.made(Self.conversation(1, 2), length: length).examples.first?.columns.isEmpty == true)
  }

  @Test func weightsAreCountedAndPartOfTheFingerprint() throws {
    let outcomes = try [1, 2, 3].map { try Self.made(Self.conversation(1, $0)) }
    #expect(Set(outcomes.map(\.examples.fingerprint)).count == 3)
    #expect(
      outcomes[1].report.lines == [
        "kept 1: a weight other than 1, of the record or a message; its tokens count that much (a.jsonl:1)"
      ])
  }
}
