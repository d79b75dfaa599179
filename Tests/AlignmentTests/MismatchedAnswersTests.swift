import Datasets
import Llama
import Testing

@testable import Alignment

@Suite struct MismatchedAnswersTests {
  private func examples(_ rows: [(prompt: [Int32], answer: [Int32])]) -> [TrainingExample] {
    rows.enumerated().map { index, row in
      TrainingExample(
        sequences: [
          TokenSequence(
            tokens: row.prompt + row.answer, isScored: row.prompt.map { _ in false } + row.answer.map { _ in true })
        ], location: RecordLocation(file: "ratings.jsonl", line: index + 1))
    }
  }

  @Test func eachPromptGetsTheAnswerBeforeIt() {
    var rows = examples([([1], [11, 12]), ([2, 2], [21]), ([3], [31]), ([4], [41]), ([5], [51])])
    #expect(rows.addMismatchedAnswers(batchSize: 4, groupSize: 4, maximumLength: 9) == 1)
    #expect(rows.map { $0.companions[0].tokens } == [[1, 41], [2, 2, 11, 12], [3, 21], [4, 31], [5, 51]])
    #expect(rows[1].companions[0].isScored == [false, false, true, true])
    #expect(rows.addMismatchedAnswers(batchSize: 5, groupSize: 3, maximumLength: 9) == 0)
    #expect(rows.map { $0.companions[0].tokens } == [[1, 31], [2, 2, 11, 12], [3, 21], [4, 51], [5, 41]])
  }

  @Test func longCompanionsAreCutAndOwnPromptsCounted() {
    var rows = examples([([1, 1], [11, 12, 13]), ([1, 1], [21]), ([3], [31])])
    #expect(rows.addMismatchedAnswers(batchSize: 3, groupSize: 3, maximumLength: 4) == 1)
    #expect(rows.map { $0.companions[0].tokens } == [[1, 1, 31], [1, 1, 11, 12], [3, 21]])
  }
}
