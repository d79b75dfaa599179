import Foundation
import JSON
import Rewards
import TestSupport
import Testing

@testable import Evaluation

/// Tasks that ask what answers are worth.
@Suite struct RewardTaskTests {
  /// A reward that is the answer's number of bytes; nothing where the answer is empty.
  private final class Length: Reward, @unchecked Sendable {
    let name = "length"
    var asked = 0
    func rewards(for answers: [RewardedAnswer]) -> [RewardOutcome] {
      asked += answers.count
      return answers.map { $0.text.isEmpty ? .failed("it is empty") : .reward(Double($0.text.utf8.count)) }
    }
  }

  private static let pairs = """
    {"prompt": "Hi", "chosen": "long answer", "rejected": "short", "subset": "alpacaeval-easy"}
    {"prompt": "Hi", "chosen": "same", "rejected": "same", "subset": "alpacaeval-easy"}
    {"prompt": "Hi", "chosen": "yes", "rejected": "", "subset": "donotanswer"}
    {"prompt": "Hi", "chosen": "yes", "rejected": "no", "subset": "donotanswer"}

    """

  @Test func pairsWithoutBothRewardsCountNowhere() throws {
    let place = try TemporaryFolder()
    let data = try BenchmarkData(at: try place.write("filtered.jsonl", Self.pairs).path)
    let (task, reward) = (RewardBenchTask(), Length())
    let cache = try AnswerCache(file: place.url("answers.jsonl"))
    let items = try task.items(of: data)
    let evaluator = RewardEvaluator(reward, identity: "length", cache: cache)
    let scored = try evaluator.run(task, items)
    #expect(scored.map(\.answer) == [.rewards([11, 5]), .rewards([4, 4]), .rewards([3, nil]), .rewards([3, 2])])
    #expect(scored.map { $0.scores["acc,none"] } == [[1], [0], nil, [1]])
    #expect(evaluator.counts.failed == 1 && evaluator.counts.firstFailure == "it is empty")
    let result = task.result(of: scored)
    #expect(result["acc,none"] == 2.0 / 3 && result["score,none"] == nil)
    #expect(result.categories.map(\.name) == ["Chat", "Safety"] && result.categories.map(\.count) == [2, 1])
    #expect(result.categories.map { $0.values[0].value } == [0.5, 1])
    // What is known is not asked again; what failed is.
    let again = RewardEvaluator(reward, identity: "length", cache: try AnswerCache(file: place.url("answers.jsonl")))
    #expect(try again.run(task, items).map(\.answer) == scored.map(\.answer))
    #expect(again.counts.known == 3 && reward.asked == 8 + 2)
    var report = EvaluationReport(model: "judge")
    report.add(task, scored, total: 4)
    let sample = report.tasks[0].samples[2]
    #expect(sample["resps"] == [[.number(3)], [.null]] && sample["acc"] == nil)
    #expect(report.json["configs"]?["rewardbench"]?["output_type"] == "rewards")
  }

  @Test func othersAreRefused() throws {
    let items = [
      EvaluationItem(
        document: [:], prompt: TaskPrompt(question: "?", isChat: true), request: .answer(Decoding()), target: "")
    ]
    #expect(
      throws: EvaluationError("gsm8k asks for answers, which a reward model does not give; name a language model")
    ) { try RewardEvaluator(Length(), identity: "length").run(GSM8KTask(), items) }
  }

  @Test(.enabled(if: Gold.has("rewardbench/scoring.json"), "no shared/gold/rewardbench beside the package"))
  func recordedScores() throws {
    let record = try Gold.json("rewardbench/scoring.json")
    let task = RewardBenchTask()
    var scored: [ScoredItem] = []
    for (subset, count) in try #require(record["actual_counts"]?.object) {
      let right = try #require(record["correct"]?[subset]?.int)
      for index in 0..<(count.int ?? 0) {
        let item = EvaluationItem(
          document: [:], group: subset, prompt: TaskPrompt(question: "", isChat: true), request: .rewards(["a", "b"]),
          target: "a")
        let answer = ModelAnswer.rewards(index < right ? [1.5, -2] : [-1, -0.5])
        scored.append(ScoredItem(item: item, answer: answer, scores: task.scores(of: answer, to: item)))
      }
    }
    #expect(scored.count == task.source.count)
    let result = task.result(of: scored)
    let mean = try #require(record["mean_of_four"]?.double)
    #expect(abs((result["score,none"] ?? .nan) - mean) < 1e-12 && result.values[0].metric.name == "score")
    #expect(result.categories.count == 4 && result.groups.count == 23)
    for section in result.categories {
      let expected = try #require(record["section_scores"]?[section.name]?.double)
      #expect(abs(section.values[0].value - expected) < 1e-12, "\(section.name)")
    }
  }

  private static func toxigen(_ place: TemporaryFolder) throws -> BenchmarkData {
    try place.write("prompts/hate_asian_1k.txt", #"- they are many\n- they"# + "\n" + #"- \\"who\\"\n- "# + " \n")
    try place.write("prompts/hate_bisexual_1k.txt", "- left out\n")
    try place.write("prompts/hate_middle_east_1k.txt", (0..<501).map { "- \($0)\n" }.joined())
    try place.write("prompts/neutral_asian_1k.txt", "- neutral\n")
    return try BenchmarkData(at: place.url("prompts").path)
  }

  @Test func promptsAreThoseOfFourteenGroups() throws {
    let place = try TemporaryFolder()
    let items = try ToxiGenTask().items(of: try Self.toxigen(place))
    #expect(items.count == 2 + 500)
    #expect(items[0].prompt.question == "Complete the following: - they are many\n- they" && items[0].group == "asian")
    #expect(items[1].prompt.question == "Complete the following: - \\\"who\\\"\n-")
    #expect(items[501].group == "middle_east" && items[501].prompt.question == "Complete the following: - 499")
    let own = try BenchmarkData(at: try place.write("own.jsonl", "{}").path)
    #expect(throws: EvaluationError.self) { try ToxiGenTask().items(of: own) }
  }

  @Test func aRewardSaysWhatIsToxic() throws {
    let place = try TemporaryFolder()
    let task = ToxiGenTask(TaskSettings(isJudged: true))
    let items = try task.items(of: try Self.toxigen(place)).prefix(3)
    let answers = ["- nice", "- hate", ""]
    let scored = zip(items, answers).map { item, text in
      let answer = ModelAnswer.texts([text])
      return ScoredItem(item: item, answer: answer, scores: task.scores(of: answer, to: item))
    }
    #expect(task.result(of: scored).values.map(\.metric.name) == ["length"])
    let judge = RewardJudge(try PatternReward("hate"), name: "regex:hate")
    let (judged, summary) = try Judgements(file: place.url("judgements.jsonl")).judge(task, scored, by: [judge])
    #expect(judged.map { $0.scores["toxicity,none"] } == [[0], [1], [0]])
    #expect(summary.replies == 3 && summary.judges.map(\.name) == ["regex:hate"])
    #expect(task.result(of: judged).groups.map(\.name) == ["asian", "middle_east"])
    #expect(!task.metrics[0].isHigherBetter)
    // Replies are kept, and an answer without one counts nowhere.
    let again = try Judgements(file: place.url("judgements.jsonl")).judge(task, scored, by: [judge])
    #expect(again.summary.known == 3 && again.scored.map { $0.scores["toxicity,none"] } == [[0], [1], [0]])
    let failing = RewardJudge(Length(), name: "length")
    let failed = try Judgements().judge(task, scored, by: [failing])
    #expect(failed.scored[2].scores["toxicity,none"] == nil && failed.summary.failures == 1)
    #expect(failed.summary.firstFailure == "it is empty")
  }
}
