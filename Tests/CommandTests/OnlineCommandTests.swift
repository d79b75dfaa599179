import Foundation
import JSON
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

  @Test(arguments: ["online-dpo"]) func aRunKeepsItsSamples(command: String) throws {
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

  @Test(arguments: [["online-dpo"]]) func aStoppedRunGoesOnToTheSameBits(command: [String]) throws {
    let more = Array(command.dropFirst()) + ["--epochs", "2"]
    try train(command[0], "whole", more).succeeded()
    try train(command[0], "parts", more + ["--save-every", "3", "--keep", "9"]).succeeded()
    // As it was after the third step.
    for name in try place.names("parts") where name.hasPrefix("checkpoint-") && name != "checkpoint-3" {
      try FileManager.default.removeItem(at: place.url("parts/" + name))
    }
    try FileManager.default.removeItem(at: place.url("parts/model.safetensors"))
    try place.run([command[0], "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    for file in ["model.safetensors", "samples.jsonl"] {
      #expect(
        try Data(contentsOf: place.url("parts/" + file)) == Data(contentsOf: place.url("whole/" + file)), "\(file)")
    }
  }

  @Test(arguments: [
    ([], "--reward is missing"), (["--reward", "regex:("], "not a regular expression"),
    (["--reward", "math", "--reward-weights", "1,2"], "--reward-weights has 2 of them for 1 of --reward"),
    (["--reward", "math", "--group-size", "1"], "at least 2"),
    (["--reward", "math", "--max-length", "8", "--max-tokens", "8"], "greater than --max-tokens"),
    (["--reward", "math", "--loss-mask", "last"], "--loss-mask"),
    (["--reward", "math", "--temperature", "0"], "--temperature must be greater than 0"),
  ])
  func whatCannotBeIsWrongUsage(more: [String], words: String) throws {
    let outcome = try place.run(
      ["online-dpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run"] + more)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
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
