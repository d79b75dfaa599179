import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// Prompts and continuations that are scored together.
@Suite struct ContinuationScorerTests {
  /// Questions of a model, some of whose prompts begin alike: two by half, and two but for one token.
  private static func questions(_ config: LlamaConfig) -> [ContinuationScorer.Question] {
    func tokens(_ count: Int, _ seed: Int) -> [Int32] {
      (0..<count).map { Int32((seed + $0 * $0 * 7 + $0 * 3) % config.vocabularySize) }
    }
    let room = min(120, config.contextLength - 12)
    let long = tokens(room, 5)
    let half = Array(long.prefix(room / 2))
    let prompts: [[Int32]] = [
      tokens(room / 3, 11), half + tokens(room / 4, 2), half + tokens(room / 5, 3), long, long.dropLast() + [1],
      tokens(1, 9),
    ]
    return zip(prompts, 1...).map { prompt, number in
      ContinuationScorer.Question(
        (1...(number % 4 + 1)).map { tokens(2 * $0 + number % 3, number * $0) }, after: prompt)
    }
  }

  private static func models() throws -> [(String, InferenceModel)] {
    try Fixture.names.map { ($0, try InferenceModel(Fixture($0).folder)) }
      + Checkout.families.map { name in
        (name, try InferenceModel(ModelFolder(Checkout.fixtures(of: "LlamaTests").appending(path: "families/" + name))))
      }
  }

  /// Alone or with others, of one prompt or of many: the same bits, and those of whole sequences up to rounding.
  @Test func scoresDoNotDependOnWhatElseIsAsked() throws {
    for (name, model) in try Self.models() {
      let questions = Self.questions(model.config)
      let together = try ContinuationScorer(model).scores(of: questions)
      for (question, scores) in zip(questions, together) {
        #expect(try ContinuationScorer(model).scores(of: [question]) == [scores], "\(name)")
        for (continuation, score) in zip(question.continuations, scores) {
          let alone = try ContinuationScorer(model).scores(of: [continuation], after: question.prompt)
          #expect(alone == [score], "\(name)")
          let whole = try model.logProbabilities(of: question.prompt + continuation)
          for (one, other) in zip(score.logProbabilities, whole.suffix(continuation.count)) {
            #expect(abs(one - other) < 1e-5, "\(name)")
          }
          #expect(score.logProbabilities.count == continuation.count)
        }
      }
    }
  }

  /// Each prompt once for all its continuations, and what several begin with once for all of these.
  @Test func nothingIsReadTwice() throws {
    let model = try InferenceModel(Fixture("plain").folder)
    let beginning = (0..<70).map { Int32($0 % 50) }
    func question(_ last: Int32, _ continuations: [[Int32]]) -> ContinuationScorer.Question {
      ContinuationScorer.Question(continuations, after: beginning + [last, 2])
    }
    let scorer = ContinuationScorer(model)
    let letters: [[Int32]] = [[5], [6], [7], [8]]
    _ = try scorer.scores(of: [50, 51, 52, 53].map { question($0, letters) })
    #expect(scorer.readTokens == 70 + 4 * 2)
    // What is known needs no reading, and the last token of a continuation tells nothing.
    _ = try scorer.scores(of: [question(54, [[1, 2, 3], [4, 5]])])
    #expect(scorer.readTokens == 78 + 2 + 2 + 1)
    _ = try scorer.scores(of: [question(55, [[1, 2, 3]])])
    #expect(scorer.readTokens == 83 + 2 + 2)
    // A short beginning is worth a pass of its own only where many share it.
    let few = ContinuationScorer(model)
    _ = try few.scores(of: [50, 51].map { ContinuationScorer.Question(letters, after: [1, 2, 3, 4, $0]) })
    #expect(few.readTokens == 2 * 5)
  }

  @Test func whatCannotBeReadIsRefused() throws {
    let model = try InferenceModel(Fixture("plain").folder)
    let scorer = ContinuationScorer(model)
    #expect(throws: InferenceError("a continuation is empty")) { try scorer.scores(of: [[]], after: [1]) }
    #expect(throws: InferenceError("the prompt is empty: there is nothing to continue")) {
      try scorer.scores(of: [[1]], after: [])
    }
    #expect(throws: InferenceError.self) { try scorer.scores(of: [[Int32(model.config.vocabularySize)]], after: [1]) }
    let long = [Int32](repeating: 1, count: model.contextLength)
    #expect(throws: InferenceError.self) { try scorer.scores(of: [[1]], after: long) }
    #expect(try scorer.scores(of: []).isEmpty)
    #expect(try scorer.scores(of: [], after: [1]).isEmpty)
  }

  /// What is there is told before the rest is read, so that a run that is stopped keeps it.
  @Test func scoresAreToldAsTheyCome() throws {
    struct Stopped: Error {}
    let model = try InferenceModel(Fixture("plain").folder)
    let scorer = ContinuationScorer(model)
    let questions = (0..<12).map { number in
      ContinuationScorer.Question([[1], [2, 3]], after: (0..<100).map { Int32(($0 * 5 + number) % 60) })
    }
    var told: [Int] = []
    #expect(throws: Stopped.self) {
      try scorer.score(questions) { number, scores in
        told.append(number)
        #expect(scores.map(\.logProbabilities.count) == [1, 2])
        if told.count == 2 { throw Stopped() }
      }
    }
    #expect(told == [0, 1] && scorer.readTokens < 1000)
  }
}
