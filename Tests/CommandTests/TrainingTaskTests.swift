import Foundation
import JSON
import TestHub
import TestSupport
import Testing

/// `--eval-task` of training commands.
@Suite struct TrainingTaskTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      "fruit.jsonl",
      """
      {"prompt": "Name a fruit.", "answer": "a", "max_tokens": 6}
      {"prompt": "Name a bird.", "answer": "zzzz", "max_tokens": 6}
      {"prompt": "Never asked.", "answer": "a", "max_tokens": 6}

      """)
    try place.write("gsm/test.jsonl", #"{"question": "1+1?", "answer": "Two.\n#### 2"}"#)
    let example = #"{"question": "2+2?", "answer": "Four.\n#### 4"}"# + "\n"
    try place.write("gsm/train.jsonl", String(repeating: example, count: 8))
  }

  private static let tasks = ["--eval-task", "fruit.jsonl", "gsm8k=gsm", "--eval-task-limit", "2"]

  @Test func scoresAreMetricsAndAResumedRunHasTheSame() throws {
    let arguments = Workplace.dpo + Self.tasks + ["--epochs", "2", "--eval-every", "2", "--save-every", "2"]
    let outcome = try place.run(arguments + ["--output", "whole"]).succeeded()
    #expect(outcome.errors.contains("gsm8k: gsm has 1 items; results are reported on 1319"))
    #expect(outcome.errors.contains("fruit/score"))
    let lines = try place.metrics("whole").filter { $0["eval_fruit/score"] != nil }
    let steps = lines.compactMap { $0["step"]?.int }
    #expect(steps.first == 0 && steps == steps.sorted() && steps.count > 3)
    for line in lines {
      #expect([0, 0.5, 1].contains(line["eval_fruit/score"]?.double ?? -1))
      #expect([0, 1].contains(line["eval_gsm8k/exact_match"]?.double ?? -1) && line["eval_loss"] == nil)
    }
    let card = try place.text("whole/README.md")
    #expect(card.contains("| `fruit` | `score` | ") && card.contains("| `gsm8k` | `exact_match` | "), "\(card)")

    // Tasks change nothing about what is learned.
    try place.run(Workplace.dpo + ["--epochs", "2", "--output", "plain"]).succeeded()
    #expect(
      try Data(contentsOf: place.url("whole/model.safetensors"))
        == Data(contentsOf: place.url("plain/model.safetensors")))

    // Half of it, and the rest later; and all of it once more.
    for (name, lost) in [("resumed", ["checkpoint-8"]), ("again", ["checkpoint-6", "checkpoint-8"])] {
      try FileManager.default.copyItem(at: place.url("whole"), to: place.url(name))
      for checkpoint in lost { try FileManager.default.removeItem(at: place.url("\(name)/\(checkpoint)")) }
      try place.run(arguments + ["--output", name, "--resume"]).succeeded()
      try place.expectSame("whole", name)
    }
    try place.write("fruit.jsonl", #"{"prompt": "Another.", "answer": "a"}"#)
    let changed = try place.run(arguments + ["--output", "resumed", "--resume"])
    #expect(changed.status == 1 && changed.error?.contains("the held-out data") == true, "\(changed)")
  }

  @Test func onlineRunsAndAdaptersHaveTasksToo() throws {
    try place.run(Workplace.sft + Self.tasks + ["--lora-rank", "2", "--max-steps", "1", "--output", "adapter"])
      .succeeded()
    #expect(try place.metrics("adapter").compactMap { $0["eval_fruit/score"] }.count == 2)
    try place.write("prompts.jsonl", (0..<4).map { #"{"prompt": "Name fruit \#($0)."}"# }.joined(separator: "\n"))
    try place.run(
      ["grpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--reward", "tokens:1-8", "--max-tokens", "4"]
        + ["--batch-size", "8", "--group-size", "4", "--max-steps", "1", "--threads", "1", "--output", "online"]
        + Self.tasks
    ).succeeded()
    #expect(try place.metrics("online").compactMap { $0["eval_fruit/score"] }.count == 2)
  }

  @Test func dataOfACommitAreTakenFromTheHub() async throws {
    let files = try ["test", "train"].map { ("main/\($0).jsonl", Array(try place.text("gsm/\($0).jsonl").utf8)) }
    let data = TestRepository("own/gsm", isDataset: true, files: Dictionary(uniqueKeysWithValues: files))
    let server = try await TestHub { data.answer($0) }
    func run(_ revision: String) throws -> Outcome {
      try place.run(
        Workplace.sft + ["--eval-task", "gsm8k=own/gsm@" + revision, "--max-steps", "1", "--output", "run"],
        environment: [
          "HF_ENDPOINT": server.address, "HF_HOME": place.url("hf").path, "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": "",
          "HF_TOKEN": "", "XDG_CACHE_HOME": "",
        ])
    }
    let other = try run("elsewhere")
    #expect(other.status == 1 && other.errors.contains("own/gsm") && other.errors.contains("elsewhere"))
    try run(data.commit).succeeded()
    #expect(try place.metrics("run").compactMap { $0["eval_gsm8k/exact_match"] }.count == 2)
  }

  @Test func whatIsWrongIsSaidBeforeWeightsAreLoaded() throws {
    func refusal(_ arguments: String...) throws -> String? {
      let outcome = try place.run(Workplace.dpo + ["--output", "run"] + arguments)
      #expect(outcome.status != 0 && !outcome.errors.contains("loading"))
      return outcome.error
    }
    #expect(try refusal("--eval-task", "chess")?.hasPrefix("there is no task 'chess'; the tasks are mmlu, ") == true)
    #expect(try refusal("--eval-task", "gsm8k=nowhere") == "nowhere: no such file or folder")
    #expect(try refusal("--eval-task-limit", "3")?.hasPrefix("--eval-task-limit needs an --eval-task") == true)
    let reward = try place.run([
      "reward", "--model", Workplace.model, "--data", Workplace.pairs, "--output", "run", "--eval-task", "fruit.jsonl",
    ])
    #expect(reward.error?.hasPrefix("--eval-task is for models that answer; a reward model gives scores") == true)
  }
}
