import Foundation
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing
import Text

@testable import Evaluation

/// A tiny model is asked.
@Suite struct EvaluatorTests {
  private static let folder = Checkout.tinyModel

  private static func evaluator(_ cache: AnswerCache = AnswerCache(), batchSize: Int = 4) throws -> Evaluator {
    let folder = try ModelFolder(folder)
    let format = try ChatFormat(folder: folder.url, name: "tiny")
    return Evaluator(
      model: try InferenceModel(folder), format: format, stopTokens: format.stopTokens(of: folder), identity: "tiny",
      cache: cache, batchSize: batchSize)
  }

  private static let records = [
    #"{"prompt": "Name a fruit.", "answer": "apple", "max_tokens": 9}"#,
    #"{"prompt": "Where do owls sleep?", "answer": ["tree", "barn"], "max_tokens": 12}"#,
    #"{"prompt": "Name a fruit.", "answer": "pear", "max_tokens": 9}"#,
  ]

  private static let choices = [
    #"{"prompt": "Snow is", "choices": ["cold and white", "hot", "cold"], "answer": 0}"#,
    #"{"prompt": "Snow is often", "choices": ["a", "the river"], "answer": "a"}"#,
  ]

  private static func items(_ task: OwnTask, _ lines: [String], _ place: TemporaryFolder) throws -> [EvaluationItem] {
    try task.items(of: BenchmarkData(at: try place.write("own.jsonl", lines.joined(separator: "\n")).path))
  }

  @Test func answersDoNotDependOnTheBatchAndAreAskedOnce() throws {
    let place = try TemporaryFolder()
    let task = OwnTask(file: "own.jsonl", scorer: .contains)
    let items = try Self.items(task, Self.records, place)
    let alone = try Self.evaluator(batchSize: 1).run(task, items)
    let file = place.url("answers.jsonl")
    var told: [Int] = []
    let first = try Self.evaluator(AnswerCache(file: file), batchSize: 8)
    let together = try first.run(task, items) { told.append($0) }
    #expect(alone.map(\.answer) == together.map(\.answer))
    #expect(together[0].answer == together[2].answer)
    #expect(told.first == 0 && told.last == 3)
    // Two questions, of which one stands twice.
    #expect(try place.text("answers.jsonl").split(separator: "\n").count == 2)

    // Half a line of a run that was killed is no answer.
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"key": "ab"#.utf8))
    let again = try Self.evaluator(AnswerCache(file: file))
    #expect(try again.run(task, items).map(\.answer) == together.map(\.answer))
    #expect(again.counts.known == 3)
  }

  /// A prompt that is read once for all continuations gives the log-probabilities of whole sequences.
  @Test func likelihoodsAreThoseOfWholeSequences() throws {
    let place = try TemporaryFolder()
    let task = OwnTask(file: "own.jsonl", scorer: .exact, hasChoices: true)
    let items = try Self.items(task, Self.choices, place)
    let scored = try Self.evaluator().run(task, items)
    let model = try InferenceModel(ModelFolder(Self.folder))
    let format = try ChatFormat(folder: Self.folder, name: "tiny")
    for one in scored {
      guard case .likelihoods(let candidates) = one.item.request else { continue }
      #expect(one.answer.logProbabilities.count == candidates.count)
      for (candidate, ours) in zip(candidates, one.answer.logProbabilities) {
        let whole = format.tokens(one.prompt + candidate.text)
        let start = format.tokens(one.prompt).count
        let expected = try model.logProbabilities(of: whole)[(start - 1)...].reduce(0) { $0 + Double($1) }
        #expect(abs(ours - expected) < 1e-5)
      }
    }
    #expect(scored.map { $0.scores.keys.sorted() } == [["acc,none", "acc_norm,none"], ["acc,none", "acc_norm,none"]])
  }

  @Test func ownTasksScoreByName() throws {
    func score(_ scorer: OwnTask.Scorer, _ answer: String, _ said: String) throws -> Double? {
      let task = OwnTask(file: "own.jsonl", scorer: scorer)
      let item = EvaluationItem(
        document: ["answer": .string(answer)], prompt: TaskPrompt(question: "", isChat: true),
        request: .answer(Decoding()),
        target: answer)
      return try task.scores(of: .texts([said]), to: item)["score,none"]?.first
    }
    #expect(try score(.exact, "Paris", " paris. ") == 1)
    #expect(try score(.exact, "Paris", "It is Paris") == 0)
    #expect(try score(.contains, "Paris", "It is PARIS, I think") == 1)
    #expect(try score(.number, "1234", "That makes 1,234 in all") == 1)
    #expect(try score(.choice, "B", "So the answer is (B).") == 1)
    #expect(try score(.math, "\\frac{1}{2}", "It is \\boxed{1/2}") == 1)
    #expect(try score(.pattern, "^a+b$", "aab") == 1)
    #expect(throws: (any Error).self) { try score(.pattern, "(", "aab") }
  }

  @Test func promptsLoseExamplesUntilTheyFit() throws {
    let format = try ChatFormat(folder: Self.folder, name: "tiny")
    let prompt = TaskPrompt(
      opening: "Open. ", shots: ["One two three. ", "Four five six. "], question: "And?", answerBeginning: "So:",
      isChat: false)
    let whole = try prompt.fitted(format, most: 1000)
    #expect(whole.text == "Open. One two three. Four five six. And?So:" && whole.shots == 2)
    let cut = try prompt.fitted(format, most: whole.tokens.count - 1)
    #expect(cut.text == "Open. One two three. And?So:" && cut.shots == 1)
    #expect(try prompt.fitted(format, most: 1).shots == 0)
    // As the harness's, it stays whole here and loses its beginning later.
    var kept = prompt
    kept.keepsShots = true
    #expect(try kept.fitted(format, most: 1) == whole)
  }
}
