import DataShaping
import Datasets
import JSON
import Testing

@Suite struct EvaluationNGramsTests {
  private func found(_ text: String, prompts: [[String]], length: Int = 13) -> [Int] {
    var evaluation = EvaluationNGrams(length: length)
    for file in prompts {
      evaluation.beginFile()
      for prompt in file { evaluation.add(TextWords(prompt)) }
    }
    return evaluation.files(foundIn: TextWords(text))
  }

  /// `w0 w1 …`
  private func words(_ range: Range<Int>) -> String { range.map { "w\($0)" }.joined(separator: " ") }

  @Test func thirteenWordsInARowAreAMatch() {
    #expect(found("so: " + words(20..<33), prompts: [[words(0..<60)]]) == [0])
    #expect(found("so: " + words(20..<32), prompts: [[words(0..<60)]]) == [])
    #expect(found(words(20..<28), prompts: [[words(0..<60)]], length: 8) == [0])
  }

  @Test func shorterPromptsMustOccurWholly() {
    #expect(found("x " + words(0..<10) + " y", prompts: [[words(0..<10)]]) == [0])
    #expect(found("x " + words(0..<9) + " y", prompts: [[words(0..<10)]]) == [])
    // Fewer than eight words are everybody's, unless they are all.
    #expect(found("x " + words(0..<5), prompts: [[words(0..<5)]]) == [])
    #expect(found("W0, w1? w2 w3 w4!", prompts: [[words(0..<5)]]) == [0])
    #expect(found("", prompts: [["", words(0..<5)]]) == [])
  }

  @Test func eachFileIsNamed() {
    let files = [[words(0..<20)], [words(10..<30)], [words(5..<40), words(0..<20)]]
    #expect(found(words(0..<15), prompts: files) == [0, 2])
    #expect(found(words(14..<28), prompts: files) == [1, 2])
    #expect(found(words(0..<40), prompts: files) == [0, 1, 2])
  }

  @Test(arguments: [
    (#"{"Question": "Why?"}"#, "Why?"), (#"{"id": 1, "instruction": "Do", "input": "x"}"#, "Do"),
    (
      #"{"prompt": null, "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}"#,
      "Hi"
    ),
  ]) func promptsAreReadAsBenchmarksPublishThem(line: String, text: String) throws {
    let location = RecordLocation(file: "x", line: 1)
    #expect(try EvaluationPrompt(json: JSON(parsing: line), location: location).text == text)
    #expect(throws: RecordError.self) { try EvaluationPrompt(json: ["answer": "42"], location: location) }
    #expect(throws: RecordError.self) { try EvaluationPrompt(json: ["prompt": 42], location: location) }
  }
}
