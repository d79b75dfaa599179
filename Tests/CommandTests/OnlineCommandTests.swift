import Foundation
import JSON
import ModelFiles
import Testing

/// Commands that learn from the model's own answers.
@Suite struct OnlineCommandTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    let prompts = (1...12).map { #"{"prompt": "Name \#($0).", "ground_truth": "\#($0)"}"# }
    try place.write("prompts.jsonl", prompts.joined(separator: "\n") + "\n")
  }

  private func train(_ command: String, _ output: String, _ more: [String]) throws -> Outcome {
    try place.run(
      [
        command, "--model", Workplace.model, "--data", "prompts.jsonl", "--output", output, "--threads", "1",
        "--batch-size", "3", "--group-size", "4", "--max-tokens", "8", "--learning-rate", "1e-3", "--reward",
        "regex:[a-m]",
      ] + more)
  }

  @Test(arguments: ["online-dpo", "grpo", "rloo", "ppo"]) func aRunKeepsItsSamples(command: String) throws {
    try train(
      command, "run", ["--reward", "tokens:1-8", "--reward-weights", "1,0.5", "--eval-fraction", "0.25"]
    ).succeeded()
    let samples = try place.text("run/samples.jsonl").split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    #expect(samples.count == 9 * 4)
    for sample in samples {
      let parts = try #require(sample["rewards"])
      let sum = try #require(parts["pattern"]?.double) + 0.5 * (try #require(parts["length"]?.double))
      #expect(sample["reward"]?.double == sum)
      #expect(sample["prompt"]?.array?.last?["role"] == "user" && sample["answer"]?.string != nil)
    }
    let metrics = try place.metrics("run")
    #expect(metrics.first?["step"] == 0 && metrics.first?["eval_reward"]?.double != nil)
    let steps = metrics.filter { $0["loss"] != nil }
    #expect(steps.count == 3)
    for name in ["reward", "rewards/pattern/mean", "completions/mean_length", "completions/clipped_ratio"] {
      #expect(steps.allSatisfy { $0[name]?.double != nil }, "\(name)")
    }
    #expect(try place.text("run/eval_samples.jsonl").split(separator: "\n").count == 2 * 3)
  }

  @Test(arguments: [
    ["online-dpo"], ["grpo", "--beta", "0.04"], ["grpo", "--mini-batches", "2", "--iterations", "2", "--loss", "gspo"],
    ["rloo", "--mini-batches", "2"], ["grpo", "--rollout-type", "bfloat16"],
    ["ppo", "--mini-batches", "2", "--iterations", "2", "--kl-target", "0.1", "--kl-horizon", "10"],
    ["ppo", "--kl-in", "loss", "--whiten", "mini-batch", "--score-past-end"],
  ]) func aStoppedRunGoesOnToTheSameBits(command: [String]) throws {
    let more = Array(command.dropFirst()) + ["--epochs", "2"]
    try train(command[0], "whole", more).succeeded()
    try train(command[0], "parts", more + ["--save-every", "3", "--keep", "9"]).succeeded()
    // As it was after the third step.
    for name in try place.names("parts") where name.hasPrefix("checkpoint-") && name != "checkpoint-3" {
      try FileManager.default.removeItem(at: place.url("parts/" + name))
    }
    try FileManager.default.removeItem(at: place.url("parts/model.safetensors"))
    try place.run([command[0], "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    for file in ["model.safetensors", "samples.jsonl"] + (command[0] == "ppo" ? ["value/model.safetensors"] : []) {
      #expect(
        try Data(contentsOf: place.url("parts/" + file)) == Data(contentsOf: place.url("whole/" + file)), "\(file)")
    }
  }

  /// A narrow copy answers with nearly the same probabilities, at the temperature of the rollouts too.
  @Test(arguments: [["grpo", "bfloat16"], ["grpo", "int8"], ["rloo", "bfloat16"], ["ppo", "int8"]])
  func answersOfANarrowCopyAreWeighed(command: [String]) throws {
    try train(command[0], "run", ["--rollout-type", command[1], "--temperature", "0.8"]).succeeded()
    let steps = try place.metrics("run").filter { $0["loss"] != nil }
    #expect(steps.count == 4)
    for step in steps {
      let apart = try #require(step["sampling/sampling_logp_difference/mean"]?.double)
      #expect(apart > 0 && apart < 0.05)
      let weight = try #require(step["sampling/importance_sampling_ratio/mean"]?.double)
      #expect(abs(weight - 1) < 0.15)
    }
  }

  @Test(arguments: [
    ([], "--reward is missing"), (["--reward", "regex:("], "not a regular expression"),
    (["--reward", "math", "--reward-weights", "1,2"], "--reward-weights has 2 of them for 1 of --reward"),
    (["--reward", "math", "--group-size", "1"], "at least 2"),
    (["--reward", "math", "--max-length", "8", "--max-tokens", "8"], "greater than --max-tokens"),
    (["--reward", "math", "--loss-mask", "last"], "--loss-mask"),
    (["--reward", "math", "--temperature", "0"], "--temperature must be greater than 0"),
    (["--reward", "math", "--eval-every", "2"], "--eval-every needs held-out data"),
  ])
  func whatCannotBeIsWrongUsage(more: [String], words: String) throws {
    let outcome = try place.run(
      ["online-dpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run"] + more)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test(arguments: [
    (["--mini-batches", "17"], "--mini-batches must be at most --batch-size"), (["--delta", "1.1"], "--delta"),
    (["--reference", "other"], "--reference has no meaning without --beta"), (["--loss", "best"], "--loss"),
    (["--kl-uncorrected"], "--kl-uncorrected has no meaning without --beta"), (["--epsilon", "2"], "--epsilon"),
    (["--loss", "sapo", "--delta", "4"], "--delta has no meaning for --loss sapo; leave it out"),
    (["--loss", "cispo", "--epsilon", "0.1"], "--epsilon has no meaning for --loss cispo; leave it out"),
    (["--final-learning-rate", "1e-3"], "--final-learning-rate is 0.001, more than --learning-rate"),
  ])
  func groupsHaveTheirOwnWrongUsage(more: [String], words: String) throws {
    let outcome = try place.run(
      ["grpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run", "--reward", "math"] + more)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func aPresetIsItsSettings() throws {
    try train("ppo", "run", ["--as", "tulu-2.5", "--kl-coef", "0.03", "--mini-batches", "1"]).succeeded()
    let config = try place.text("run/config.yaml")
    for line in [
      "missing-end-score: -10.0", "whiten: mini-batch", "plain-probabilities: true", "kl-coef: 0.03", "mini-batches: 1",
      "adam-beta2: 0.95", "schedule: constant",
    ] { #expect(config.contains("\n\(line)\n"), "\(line)") }
    let value = try JSON(parsing: Array(place.text("run/value/config.json").utf8))
    #expect(value["architectures"] == ["LlamaForTokenClassification"] && value["id2label"] == ["0": "LABEL_0"])
    let outcome = try train("ppo", "other", ["--as", "nobody"])
    #expect(outcome.status == 64 && outcome.errors.contains("'nobody' is invalid for '--as <name>'"))
  }

  /// The old log-probabilities are the trainer's own.
  @Test func theFirstRatioIsOneToTheBit() throws {
    try train("ppo", "run", ["--mini-batches", "2", "--iterations", "2"]).succeeded()
    let first = try #require(try place.metrics("run").first)
    #expect(first["val/ratio"]?.double == 1 && first["policy/approxkl_avg"]?.double == 0)
    #expect(first["objective/kl"]?.double == 0)
  }

  /// Whatever is worth the same everywhere teaches nothing.
  @Test(arguments: ["online-dpo", "grpo", "rloo"]) func aConstantRewardMovesNothing(command: String) throws {
    let beta = command == "online-dpo" ? [] : ["--beta", "0"]
    try place.run(
      [
        command, "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run", "--max-tokens", "4",
        "--reward", "tokens:1-4", "--learning-rate", "1e-2",
      ] + beta
    ).succeeded()
    func weights(_ folder: URL) throws -> [String: [Float]] {
      let tensors = try SafetensorsFile(folder.appending(path: "model.safetensors")).tensors
      return try Dictionary(
        uniqueKeysWithValues: tensors.map { tensor in
          var floats = [Float](repeating: 0, count: tensor.shape.reduce(1, *))
          try floats.withUnsafeMutableBufferPointer { try tensor.readFloats(into: $0) }
          return (tensor.name, floats)
        })
    }
    #expect(try weights(place.url("run")) == weights(URL(filePath: Workplace.model)))
  }

  @Test func thePageShowsCurvesAndSamples() throws {
    try place.write("prompts.jsonl", (1...12).map { #"{"prompt": "Name <b>\#($0)."}"# }.joined(separator: "\n"))
    try train("grpo", "run", ["--eval-fraction", "0.25", "--reward", "command:while read l; do echo 0.5; done"])
      .succeeded()
    let page = try place.text("run/run.html")
    for part in ["<h2>Reward</h2>", "Held-out prompts", "Step 1", "<svg", "before the first step"] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(!page.contains("<script") && !page.contains("Name <b>"))
  }

  @Test func rewardsThatFailAreCountedOrEndTheRun() throws {
    let failing = #"command:while read l; do echo '{"error": "no idea"}'; done"#
    let outcome = try place.run([
      "online-dpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run", "--max-tokens", "4",
      "--reward", failing, "--reward-failure", "stop",
    ])
    #expect(outcome.status == 1 && outcome.errors.contains("the reward 'command' failed"))
    let model = try place.run([
      "online-dpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "other", "--reward",
      Workplace.model,
    ])
    #expect(model.status == 1 && model.errors.contains("is no reward model"))
    #expect(!FileManager.default.fileExists(atPath: place.path("other/config.yaml")))
  }
}
