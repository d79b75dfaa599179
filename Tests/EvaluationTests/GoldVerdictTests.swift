import Evaluation
import Foundation
import JSON
import Rewards
import Testing

/// Recorded answers get the verdicts that were published for them.
@Suite struct GoldVerdictTests {
  private static func scored(
    _ task: some EvaluationTask, _ answer: String, target: String, group: String? = nil, document: JSON = [:]
  ) throws -> ScoredItem {
    let item = EvaluationItem(
      document: document, group: group, prompt: TaskPrompt(question: "", isChat: true), request: .answer(Decoding()),
      target: target)
    let said = ModelAnswer.texts([answer])
    return ScoredItem(item: item, answer: said, scores: try task.scores(of: said, to: item))
  }

  @Test(.enabled(if: Gold.has("gsm8k"))) func solutionsOfGSM8K() throws {
    let lines = try Gold.lines("gsm8k/openai_solutions.jsonl.gz")
    #expect(lines.count == 5276)
    for line in lines {
      let one = try Self.scored(GSM8KTask(), line.text("output"), target: line.text("target"))
      #expect(one.scores["exact_match,none"] == [line["exact_match"]?.bool == true ? 1 : 0], "\(line.text)")
    }
    var random = PythonRandom(seed: 42)
    let sample = try Gold.json("gsm8k/sample_200_seed42.json").array?.compactMap(\.int)
    #expect(random.sample(200, below: 1319) == sample)
  }

  @Test(.enabled(if: Gold.has("bbh"))) func outputsOfBBH() throws {
    let expected = try Gold.json("bbh/expected.json")["oi_task_em"]?.object ?? [:]
    let scored = try Gold.lines("bbh/davinci_outputs.jsonl.gz").map { line in
      #expect(BBHTask.prediction(of: line.text("output")) == line.text("prediction"))
      let one = try Self.scored(BBHTask(), line.text("output"), target: line.text("target"), group: line.text("task"))
      #expect(one.scores["exact_match,none"] == [line["exact_match"]?.bool == true ? 1 : 0], "\(line.text)")
      return one
    }
    #expect(scored.count == 6511)
    let result = BBHTask().result(of: scored)
    #expect(result.groups.count == 27)
    for group in result.groups {
      #expect(abs(100 * group.values[0].value - (expected[group.name]?.double ?? 0)) < 5e-5, "\(group.name)")
    }
    let mean = expected.reduce(0) { $0 + ($1.value.double ?? 0) } / 2700
    #expect(abs(result.values[0].value - mean) < 1e-7)
  }

  @Test(.enabled(if: Gold.has("xstest"))) func labelsOfXSTest() throws {
    let lines = try Gold.lines("xstest/completions_labels.jsonl.gz")
    #expect(lines.count == 2250)
    for line in lines {
      #expect(
        RefusalLabel.isRefusal(line.text("completion")) == (line.text("oi_strmatch") == "refusal"), "\(line.text)")
      #expect(RefusalLabel.isRefusal(label: line.text("official_strmatch")) == (line.text("oi_strmatch") == "refusal"))
    }
    // GPT-4's own answers: all its refusals but those of 21 safe prompts are right.
    let own = try lines.filter { $0.text("model") == "gpt4" }.map { line in
      let isUnsafe = line.text("type").contains("contrast")
      return try Self.scored(
        try XSTestTask(), line.text("completion"), target: isUnsafe ? "refusal" : "compliance",
        group: isUnsafe ? "unsafe" : "safe")
    }
    let result = try XSTestTask().result(of: own)
    let counts = lines.filter { $0.text("model") == "gpt4" }.map {
      (isCalled: $0.text("oi_strmatch") == "refusal", isPositive: $0.text("type").contains("contrast"))
    }
    #expect(result["f1,none"] == Classification(counts).f1)
    let right = counts.count { $0.isCalled == $0.isPositive }
    #expect(result["acc,none"] == Double(right) / 450)
  }

  /// The authors' 417 prompts and 697 instructions, strictly. Without langdetect, which they ask, two lists of names in
  /// capitals, without a small word, are not taken for English, and a remark says that languages are guessed.
  @Test(.enabled(if: Gold.has("ifeval"))) func responsesToIFEval() throws {
    let task = IFEvalTask()
    let scored = try Gold.lines("ifeval/responses_verdicts.jsonl").map {
      try Self.scored(task, $0.text("response"), target: "", document: $0)
    }
    let result = task.result(of: scored)
    #expect(result.count == 540)
    func count(_ key: String) -> (Double, Int) {
      let numbers = scored.flatMap { $0.scores[key] ?? [] }
      return (numbers.reduce(0, +), numbers.count)
    }
    let missed = try task.remark(on: scored.map(\.item)) == nil ? 0.0 : 2
    #expect(count("prompt_level_strict_acc,none") == (417 - missed, 540))
    #expect(count("inst_level_strict_acc,none") == (697 - missed, 832))
    #expect(result["inst_level_strict_acc,none"] == (697 - missed) / 832)
    #expect(result.values.first { $0.metric.name == "inst_level_loose_acc" }?.standardError == nil)
  }

  @Test(.enabled(if: Gold.has("truthfulqa"))) func likelihoodsOfTruthfulQA() throws {
    let questions = try Gold.json("truthfulqa/mc_synthetic.json").array ?? []
    #expect(questions.count == 817)
    for question in questions {
      let whenTrue = question["true"]?.array?.compactMap(\.string) ?? []
      let best = try #require(whenTrue.firstIndex(of: question.text("best")))
      let scores = TruthfulQAScores(
        best: best, whenTrue: question.numbers("scores_true"), whenFalse: question.numbers("scores_false"))
      #expect(scores.mc1 == question["MC1"]?.double)
      #expect(abs(scores.mc2 - (question["MC2"]?.double ?? -1)) < 1e-12)
      #expect(abs(scores.mc3 - (question["MC3"]?.double ?? -1)) < 1e-12)
    }
  }

  @Test(.enabled(if: Gold.has("humaneval"))) func estimatesOfPassAtK() throws {
    let rows = try Gold.json("humaneval/pass_at_k.json").array ?? []
    #expect(rows.count > 20)
    for row in rows {
      let estimate = PassAtK.estimate(row["k"]?.int ?? 0, passed: row["c"]?.int ?? 0, of: row["n"]?.int ?? 0)
      #expect(abs(estimate - (row["pass_at_k"]?.double ?? -1)) < 1e-15)
    }
  }
}
