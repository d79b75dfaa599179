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
