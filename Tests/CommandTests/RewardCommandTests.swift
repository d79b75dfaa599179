import Foundation
import JSON
import Testing

/// `caravan reward` and `caravan score`.
@Suite struct RewardCommandTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func train(_ output: String, _ more: String...) throws -> Outcome {
    try place.run(
      [
        "reward", "--model", Workplace.model, "--data", Workplace.pairs, "--output", output, "--threads", "1",
        "--batch-size", "8", "--learning-rate", "2e-3",
      ] + more)
  }

  @Test func aRunIsWhole() throws {
    let outcome = try train("judge", "--epochs", "4", "--eval-fraction", "0.2").succeeded()
    #expect(outcome.output == "judge\n")
    let config = try JSON(parsing: Array(place.text("judge/config.json").utf8))
    #expect(config["architectures"] == ["LlamaForSequenceClassification"])
    #expect(config["id2label"] == ["0": "LABEL_0"] && config["label2id"] == ["LABEL_0": 0])
    let (pad, end) = (try #require(config["pad_token_id"]?.int), config["eos_token_id"]?.int)
    #expect(pad != end)
    let steps = try place.metrics("judge").filter { $0["loss"] != nil }
    for key in ["accuracy", "margin", "min_reward", "mean_reward", "max_reward", "chosen_reward", "rejected_reward"] {
      #expect(steps[0][key]?.double != nil, "\(key)")
    }
    let losses = steps.compactMap { $0["loss"]?.double }
    #expect(losses.suffix(4).reduce(0, +) < losses.prefix(4).reduce(0, +))
    #expect(try place.metrics("judge").last?["eval_accuracy"]?.double != nil)
    let card = try place.text("judge/README.md")
    #expect(card.contains("This reward model was trained") && card.contains("pipeline_tag: text-classification"))
    #expect(!FileManager.default.fileExists(atPath: place.path("judge/generation_config.json")))
  }

  @Test func aStoppedRunGoesOnToTheSameBits() throws {
    try train("whole", "--save-every", "3").succeeded()
    try train("parts", "--save-every", "3").succeeded()
    let last = try #require(
      place.names("parts")
        .filter { $0.hasPrefix("checkpoint-") }.max())
    try FileManager.default.removeItem(at: place.url("parts/model.safetensors"))
    #expect(!last.isEmpty)
    try place.run(["reward", "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    #expect(
      try Data(contentsOf: place.url("parts/model.safetensors"))
        == Data(contentsOf: place.url("whole/model.safetensors")))
  }

  @Test func scoresAreTheRecordsWithRewards() throws {
    try train("judge", "--epochs", "2").succeeded()
    try place.write(
      "answers.jsonl",
      """
      {"messages": [{"role": "user", "content": "Name 3."}, {"role": "assistant", "content": "It is 3."}], "id": 7}
      {"prompt": "Name 3.", "completion": "It is 3.", "label": true}
      {"prompt": "Name 3.", "chosen": "It is 3.", "rejected": "Never.", "subset": "donotanswer"}
      {"messages": [{"role": "assistant", "content": "It is 3."}, {"role": "user", "content": "Name 4."}]}

      """)
    let outcome = try place.run(["score", "--model", "judge", "--data", "answers.jsonl"]).succeeded()
    let rows = try outcome.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    try #require(rows.count == 4)
    let reward = try #require(rows[0]["reward"]?.double)
    #expect(rows[0]["id"] == 7 && rows[1]["reward"]?.double == reward)
    #expect(abs((rows[2]["chosen_reward"]?.double ?? .nan) - reward) < 1e-5)
    #expect(rows[2]["rejected_reward"]?.double != nil && rows[2]["reward"] == nil)
    #expect(rows[3]["reward"] == .null)
    #expect(outcome.errors.contains("left out 1: they do not end with an answer (answers.jsonl:4)"))
    #expect(outcome.errors.contains("of 1 pairs") && outcome.errors.contains("RewardBench: Safety "))
    // Scores do not depend on what else is scored at once.
    let alone = try place.run(["score", "--model", "judge", "--data", "answers.jsonl", "--micro-tokens", "1"])
      .succeeded()
    let same = try JSON(parsing: Array(alone.output.split(separator: "\n")[0].utf8))
    #expect(abs((same["reward"]?.double ?? .nan) - reward) < 1e-5)
  }

  @Test func theBestOfSeveralAnswers() throws {
    try train("judge", "--epochs", "2").succeeded()
    let asked = [
      "generate", "--threads", "1", "--model", Workplace.model, "--max-tokens", "6", "--temperature", "1", "--jsonl",
      "Name 3.", "Name 4.",
    ]
    func rows(_ more: [String]) throws -> [JSON] {
      try place.run(asked + more).succeeded().output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    }
    let (all, best) = (try rows(["--answers", "4"]), try rows(["--best-of", "4", "--reward", "judge"]))
    try #require(all.count == 8 && best.count == 2)
    for (index, row) in best.enumerated() {
      let rewards = (row["rewards"]?.array ?? []).compactMap(\.double)
      #expect(rewards.count == 4 && row["reward"]?.double == rewards.max())
      // The seeds are those of several answers.
      let winner = rewards.firstIndex { $0 == rewards.max() } ?? 0
      #expect(row["completion"] == all[4 * index + winner]["completion"])
    }
    let rule = try rows(["--best-of", "2", "--reward", "tokens:1-100"])
    #expect(rule.map { $0["rewards"]?.array?.map(\.double) } == [[1, 1], [1, 1]])
    for (more, message) in [
      (["--best-of", "2"], "--best-of and --reward need each other"),
      (["--best-of", "1", "--reward", "judge"], "--best-of must be from 2 to 1000, not 1"),
      (
        ["--best-of", "2", "--reward", "judge", "--answers", "2"],
        "--best-of goes neither with --answers nor with --raw"
      ),
      (
        ["--best-of", "2", "--reward", "judge", "--temperature", "0"],
        "--best-of needs a --temperature above 0: without it all answers are the same"
      ),
    ] {
      try place.run(asked + more).failed(64, message)
    }
  }

  @Test func pairsOfAnswersByTheirRewards() throws {
    try train("judge", "--epochs", "2").succeeded()
    try place.write(
      "answers.jsonl",
      """
      {"prompt": "Name 3.", "answers": ["It is 3.", "Never.", "It is 3."], "id": 7}
      {"prompt": "Name 4.", "completion": "It is 4.", "finish_reason": "stop"}
      {"prompt": "Name 4.", "completion": "No.", "finish_reason": "stop"}
      {"prompt": "Name 5.", "completion": "It is 5."}

      """)
    func pairs(_ more: String...) throws -> ([JSON], String) {
      let outcome = try place.run(["data", "pairs", "--data", "answers.jsonl"] + more).succeeded()
      return (try outcome.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }, outcome.errors)
    }
    let (rows, said) = try pairs("--score-with", "judge")
    try #require(rows.count == 2)
    #expect(rows[0]["id"] == 7 && rows[0]["answers"] == nil && rows[1]["completion"] == nil)
    #expect(said.contains("2 pairs written\n"))
    #expect(said.contains("left out 1 prompts with fewer than two rewarded answers\n"))
    for row in rows {
      #expect(row["chosen_reward"]?.double ?? .nan > row["rejected_reward"]?.double ?? .nan)
    }
    // The rewards are those of 'caravan score', and the pairs train.
    try place.write("pairs.jsonl", rows.map(\.text).joined(separator: "\n") + "\n")
    let scored = try place.run(["score", "--model", "judge", "--data", "pairs.jsonl"]).succeeded().output
    for (line, row) in zip(scored.split(separator: "\n"), rows) {
      let again = try JSON(parsing: Array(line.utf8))
      #expect(abs((again["chosen_reward"]?.double ?? .nan) - (row["chosen_reward"]?.double ?? 0)) < 1e-5)
    }
    let (all, ties) = try pairs("--score-with", "judge", "--pairs", "all")
    #expect(all.count == 3 && ties.contains("dropped 1 ties: their rewards differ by too little\n"))
    #expect(try pairs("--score-with", "judge", "--margin", "1e9").0.isEmpty)
    let (ruled, _) = try pairs("--score-with", "regex:It is")
    #expect(ruled.map { $0["chosen"]?.array?.first?["content"] } == ["It is 3.", "It is 4."])
    let failed = try place.run(["data", "pairs", "--data", Workplace.pairs, "--score-with", "regex:a"])
    #expect(failed.status == 1 && failed.errors.contains("expected 'prompt' and 'answers' or 'completion'"))
    let usage = try place.run(["data", "pairs", "--data", "answers.jsonl", "--score-with", "regex:("])
    #expect(usage.status == 64 && usage.errors.contains("--score-with: "))
  }

  @Test func aRewardModelAnswersNothing() throws {
    try train("judge", "--max-steps", "1").succeeded()
    let refusal =
      "judge: is a reward model, which scores answers and gives none (LlamaForSequenceClassification); name a language model"
    for command in [
      ["generate", "--model", "judge", "Hello"], ["export", "gguf", "judge", "--output", "judge.gguf"],
      ["dpo", "--model", "judge", "--data", Workplace.pairs, "--output", "run"],
      ["dpo", "--model", Workplace.model, "--reference", "judge", "--data", Workplace.pairs, "--output", "run"],
    ] {
      let outcome = try place.run(command)
      #expect(outcome.status == 1 && outcome.errors.contains(refusal), "\(command): \(outcome.errors)")
    }
    let language = try place.run(["score", "--model", Workplace.model, "--data", Workplace.pairs])
    #expect(language.status == 1 && language.errors.contains("is no reward model (LlamaForCausalLM)"))
    // It can be trained further.
    try place.run(
      ["reward", "--model", "judge", "--data", Workplace.pairs, "--output", "further", "--max-steps", "1"]
    ).succeeded()
  }

  @Test(arguments: ["--eval-answers", "--loss-mask"]) func whatAnswersAloneHave(option: String) throws {
    let outcome = try train("judge", "--eval-fraction", "0.2", option, option == "--eval-answers" ? "3" : "last")
    #expect(outcome.status == 64 && outcome.errors.contains("\(option) is for"))
  }
}
