import Foundation
import JSON
import TestSupport
import Testing
import Yams

/// `caravan sft` and `caravan dpo` from the command line to the folder that they leave.
@Suite struct TrainingCommandTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private static let dpoKeys = [
    "step", "epoch", "loss", "learning_rate", "grad_norm", "rewards/chosen", "rewards/rejected", "rewards/accuracies",
    "rewards/margins", "logps/chosen", "logps/rejected", "num_tokens", "tokens_per_second", "pairs_per_second",
    "peak_memory_bytes",
  ]

  @Test func dpoLeavesAWholeRun() throws {
    let outcome = try place.run(Workplace.dpo + ["--output", "run", "--eval-fraction", "0.2", "--save-every", "6"])
      .succeeded()
    #expect(outcome.output == "run\n")
    #expect(
      try place.names("run") == [
        "README.md", "checkpoint-6", "config.json", "config.yaml", "metrics.jsonl", "model.safetensors", "origin.json",
        "tensorboard",
        "tokenizer.json", "tokenizer_config.json",
      ])
    #expect(try place.names("run/tensorboard").count == 1)
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      let original = Workplace.fixtures.appending(path: "model").appending(path: name)
      #expect(try Data(contentsOf: place.url("run/" + name)) == Data(contentsOf: original))
    }

    // 24 pairs in batches of 8, three times, and an evaluation after each.
    let lines = try place.metrics("run")
    let steps = lines.filter { $0["loss"] != nil }
    #expect(steps.compactMap { $0["step"]?.int } == Array(1...9))
    for step in steps { #expect(step.object.map { Array($0.keys) } == Self.dpoKeys) }
    #expect(steps.compactMap { $0["epoch"]?.double }.map { ($0 * 3).rounded() } == (1...9).map(Double.init))
    #expect(String(format: "%.6f", try #require(steps[0]["loss"]?.double)) == "0.693147")
    #expect(steps[0]["rewards/margins"]?.double == 0)
    let evaluations = lines.filter { $0["loss"] == nil }
    #expect(evaluations.compactMap { $0["step"]?.int } == [3, 6, 9])
    let evaluationKeys = ["step", "epoch", "eval_loss"] + (Self.dpoKeys[5...10] + ["log_ratio"]).map { "eval_" + $0 }
    for evaluation in evaluations { #expect(evaluation.object.map { Array($0.keys) } == evaluationKeys) }
  }

  @Test func aRunThatLearnsNothingSaysSo() throws {
    let word =
      "the learning rate is 0 in every step (of 1), and nothing will be learned: the warm-up fills the run; "
      + "lower --warmup-ratio, or train longer\n"
    let one = Workplace.dpo + ["--max-steps", "1", "--output"]
    #expect(try place.run(one + ["run"]).succeeded().errors.contains(word))
    #expect(try !place.run(one + ["other", "--warmup-ratio", "0"]).succeeded().errors.contains("learning rate is 0"))
  }

  @Test func theCardsHeaderIsYAML() throws {
    try place.run(Workplace.dpo + ["--output", "run", "--eval-data", Workplace.pairs, "--max-steps", "3"]).succeeded()
    let card = try place.text("run/README.md")
    let header = try #require(card.components(separatedBy: "---\n").dropFirst().first)
    let values = try #require(try Yams.load(yaml: header) as? [String: Any])
    #expect(values["base_model"] != nil)
    #expect(values["model-index"] != nil)
    #expect(card.contains("pairs.jsonl"))
  }

  /// A record of weight 2 trains as it does when it stands in the file twice; another weight is other data.
  @Test(arguments: ["nll", "dft"]) func weightsOfRecords(loss: String) throws {
    func record(_ answer: String, _ weight: String = "") -> String {
      #"{"prompt": "Name a fruit.", "completion": "\#(answer)"\#(weight)}"# + "\n"
    }
    let rest = record("An apple.") + record("No.")
    try place.write("weighted.jsonl", record("A cherry.", #", "weight": 2"#) + rest)
    try place.write("twice.jsonl", record("A cherry.") + record("A cherry.") + rest)
    let options = ["--loss", loss, "--max-steps", "3", "--learning-rate", "1e-3"]
    func sft(_ data: String, _ output: String, _ more: [String] = []) throws -> Outcome {
      try place.run(
        ["sft", "--model", Workplace.model, "--data", data, "--threads", "1", "--batch-size", "4", "--output", output]
          + options + more)
    }
    let errors = try sft("weighted.jsonl", "weighted").succeeded().errors
    #expect(errors.contains("kept 1: a weight other than 1, of the record or a message; its tokens count that much"))
    try sft("twice.jsonl", "twice").succeeded()
    for (a, b) in try zip(place.metrics("weighted"), place.metrics("twice")) {
      #expect(abs((a["loss"]?.double ?? .nan) - (b["loss"]?.double ?? 0)) < 1e-5)
      #expect(abs((a["grad_norm"]?.double ?? .nan) - (b["grad_norm"]?.double ?? 0)) < 1e-4)
    }
    try place.write("weighted.jsonl", record("A cherry.", #", "weight": 3"#) + rest)
    let other = try sft("weighted.jsonl", "weighted", ["--resume"])
    #expect(other.status != 0 && other.error?.hasPrefix("--resume: the data, or what") == true, "\(other)")
    try place.write("weighted.jsonl", record("A cherry.", #", "weight": "3""#) + rest)
    let text = "weighted.jsonl:1: 'weight' must be 0 (not learned) or a number from 1e-9 to 1e9, found a string"
    try sft("weighted.jsonl", "text").failed(1, text)
  }

  @Test func sftLeavesAModelForDPOAndThatOneAnswers() throws {
    let sft = try place.run(
      Workplace.sft + ["--output", "sft", "--eval-data", Workplace.conversations, "--epochs", "1"]
    )
    .succeeded()
    #expect(sft.output == "sft\n")
    let first = try #require(place.metrics("sft").first)
    #expect(
      first.object.map { Array($0.keys) } == [
        "step", "epoch", "loss", "learning_rate", "grad_norm", "num_tokens", "tokens_per_second",
        "conversations_per_second", "peak_memory_bytes",
      ])
    #expect(try place.metrics("sft").last?["eval_loss"]?.double != nil)
    try place.run([
      "dpo", "--model", "sft", "--data", Workplace.pairs, "--output", "dpo", "--max-steps", "2", "--threads", "1",
    ]).succeeded()
    #expect(String(format: "%.6f", try #require(place.metrics("dpo")[0]["loss"]?.double)) == "0.693147")
    let answer = try place.run(["generate", "--model", "dpo", "--max-tokens", "3", "--threads", "1", "Hello."])
      .succeeded()
    #expect(answer.output.hasSuffix("\n"))
  }

  @Test func aRunRepeatsFromItsConfigToTheBit() throws {
    let options = ["--eval-fraction", "0.2", "--beta", "0.3", "--max-steps", "5", "--weight-decay", "0.1"]
    try place.run(Workplace.dpo + ["--output", "first"] + options).succeeded()
    try place.run(["dpo", "--config", "first/config.yaml", "--output", "second"]).succeeded()
    try place.expectSame("first", "second")
    #expect(try place.text("first/config.yaml") == place.text("second/config.yaml"))
    // The command line overrides the file.
    try place.run(["dpo", "--config", "first/config.yaml", "--output", "third", "--seed", "7", "--beta=0.2"])
      .succeeded()
    #expect(try place.course("third") != place.course("first"))
    #expect(try place.text("third/config.yaml").contains("beta: 0.2\n"))
  }

  @Test func momentsInEightBitsRepeatAndAreRecorded() throws {
    let options = ["--optimizer", "adamw8bit", "--max-steps", "5"]
    try place.run(Workplace.dpo + ["--output", "first"] + options).succeeded()
    try place.run(["dpo", "--config", "first/config.yaml", "--output", "second"]).succeeded()
    try place.expectSame("first", "second")
    #expect(try place.text("first/config.yaml").contains("optimizer: adamw8bit\n"))
    #expect(try place.text("first/README.md").contains("| `optimizer` | `adamw8bit` |"))
  }

  /// Products of many shapes leave nothing behind: what libtorch remembers of each would be hundreds of megabytes.
  @Test(arguments: ["float32", "bfloat16"]) func memoryStaysAsItIsWhateverTheLengths(dtype: String) throws {
    let records = (2..<62).map { length in
      #"{"prompt": "hi", "completion": ""# + Array(repeating: "the cat", count: length).joined(separator: " ") + "\"}\n"
    }
    try place.write("lengths.jsonl", records.joined())
    try place.run([
      "sft", "--model", Workplace.model, "--data", "lengths.jsonl", "--output", "run", "--batch-size", "1", "--epochs",
      "1", "--no-shuffle", "--dtype", dtype,
    ]).succeeded()
    let peaks = try place.metrics("run").compactMap { $0["peak_memory_bytes"]?.int }
    #expect(peaks.count == 60 && peaks[59] - peaks[9] < 60_000_000, "\(peaks)")
  }

  @Test func gradientsInBFloat16RepeatAndAreRecorded() throws {
    let options = ["--gradient-dtype", "bfloat16", "--max-steps", "5"]
    let first = try place.run(Workplace.dpo + ["--output", "first"] + options).succeeded()
    #expect(first.errors.contains(" gradients on their way"))
    try place.run(["dpo", "--config", "first/config.yaml", "--output", "second"]).succeeded()
    try place.expectSame("first", "second")
    #expect(try place.text("first/config.yaml").contains("gradient-dtype: bfloat16\n"))
    // An adapter has few gradients.
    let adapted = try place.run(Workplace.dpo + ["--output", "third", "--lora-rank", "4"] + options)
    #expect(
      adapted.status == 64 && adapted.errors.contains("--gradient-dtype is for training all weights"), "\(adapted)")
  }

  @Test func theReferenceIsScoredOnce() throws {
    let phrase = "all of them were known from an earlier run"
    let first = try place.run(Workplace.dpo + ["--output", "first", "--max-steps", "1"]).succeeded()
    #expect(!first.errors.contains(phrase))
    let second = try place.run(
      Workplace.dpo + ["--output", "second", "--max-steps", "1", "--learning-rate", "1e-5", "--seed", "1"])
    #expect(second.succeeded().errors.contains(phrase))
    let other = try place.run(Workplace.dpo + ["--output", "third", "--max-steps", "1", "--max-length", "30"])
    #expect(!other.succeeded().errors.contains(phrase))
  }

  @Test func withoutACacheItGoesOn() throws {
    try place.write("file", "")
    let outcome = try place.run(
      Workplace.dpo + ["--output", "run", "--max-steps", "1"], environment: ["CARAVAN_CACHE": place.url("file").path])
    #expect(outcome.succeeded().errors.contains("going on without a cache: "))
  }

  @Test func theReferenceMayBeAnotherModel() throws {
    try place.run(Workplace.sft + ["--output", "sft", "--epochs", "2"]).succeeded()
    try place.run(Workplace.dpo + ["--output", "same", "--max-steps", "1", "--reference", Workplace.model]).succeeded()
    try place.run(Workplace.dpo + ["--output", "other", "--max-steps", "1", "--reference", "sft"]).succeeded()
    #expect(String(format: "%.6f", try #require(place.metrics("same")[0]["loss"]?.double)) == "0.693147")
    #expect(String(format: "%.6f", try #require(place.metrics("other")[0]["loss"]?.double)) != "0.693147")
  }

  // The loss of a model that still is its reference: log 2; (1/2β)² for IPO; 1 for the hinge.
  @Test(arguments: [
    ("sigmoid", "0", 0.693147), ("sigmoid", "0.1", 0.693147), ("robust", "0.1", 0.693147), ("dpo-norm", "0", 0.693147),
    ("ipo", "0", 25), ("hinge", "0", 1), ("nca-pair", "0", 1.386294), ("exo-pair", "0.1", 0.510826),
    ("aot", "0", 0.693147),
    ("apo-zero", "0", 1), ("discopop", "0", 0.846574), ("sppo_hard", "0", 50),
  ])
  func lossesBeginWhereTheyShould(loss: String, smoothing: String, value: Double) throws {
    let options = ["--loss", loss, "--label-smoothing", smoothing, "--max-steps", "3"]
    try place.run(Workplace.dpo + ["--output", "run"] + options).succeeded()
    let losses = try place.metrics("run").compactMap { $0["loss"]?.double }
    #expect(losses.count == 3 && abs(losses[0] - value) < 1e-6 * max(1, value))
  }

  @Test func simpoNeedsNoReference() throws {
    let outcome = try place.run(
      Workplace.dpo + ["--output", "run", "--loss", "simpo", "--beta", "2", "--simpo-gamma", "1", "--max-steps", "2"])
    #expect(!outcome.succeeded().errors.contains("reference"))
    #expect(try place.metrics("run").count == 2)
  }

  @Test(arguments: [
    ["orpo", "--orpo-prompt-loss"], ["cpo"], ["sft"], ["sigmoid", "--reference-free"],
    ["aot_unpaired,sft", "--reference-free"],
  ])
  func lossesWithoutAReferenceLoadNone(options: [String]) throws {
    let outcome = try place.run(Workplace.dpo + ["--output", "run", "--max-steps", "2", "--loss"] + options)
    #expect(!outcome.succeeded().errors.contains("reference "))
    #expect(try place.metrics("run").count == 2)
  }

  /// The record of a run is what it can be resumed and repeated with.
  @Test func severalLossesWithAllThatHoldsForThem() throws {
    let options = [
      "--loss", "sigmoid_norm,bco_pair,sft", "--loss-weights", "0.8,0.2,1", "--ld-alpha", "0.5", "--eval-fraction",
      "0.2", "--micro-tokens", "100",
    ]
    try place.run(Workplace.dpo + ["--output", "run", "--save-every", "2", "--max-steps", "4"] + options).succeeded()
    let record = try place.text("run/config.yaml")
    #expect(record.contains("loss: dpo-norm,bco-pair,sft\nloss-weights: 0.8,0.2,1.0\n"))
    #expect(try place.metrics("run").last?["eval_nll_loss"]?.double != nil)
    let repeated = ["dpo", "--config", "run/config.yaml", "--output", "again"]
    try place.run(repeated).succeeded()
    let (first, second) = (try place.metrics("run"), try place.metrics("again"))
    #expect(first.map { $0["loss"]?.double } == second.map { $0["loss"]?.double })
  }

  /// A run that was killed goes on with the reference as it then stood.
  @Test func aReferenceThatFollowsIsKeptInCheckpoints() throws {
    let options = [
      "--reference-sync-steps", "2", "--reference-sync-alpha", "0.7", "--max-steps", "6", "--save-every", "3",
      "--eval-fraction", "0.2", "--epochs", "6",
    ]
    try place.run(Workplace.dpo + ["--output", "whole"] + options).succeeded()
    try place.run(Workplace.dpo + ["--output", "killed"] + options).succeeded()
    try FileManager.default.removeItem(at: place.url("killed/checkpoint-6"))
    try FileManager.default.removeItem(at: place.url("killed/model.safetensors"))
    try place.run(Workplace.dpo + ["--output", "killed", "--resume"] + options).succeeded()
    for file in ["model.safetensors", "checkpoint-6/reference.safetensors"] {
      #expect(try Data(contentsOf: place.url("whole/" + file)) == Data(contentsOf: place.url("killed/" + file)))
    }
    // At the first step and after each move the two differ by less than a reference that stays.
    try place.run(Workplace.dpo + ["--output", "fixed"] + options.dropFirst(4)).succeeded()
    let (moving, fixed) = (try place.metrics("whole"), try place.metrics("fixed"))
    func margins(_ lines: [JSON]) -> [Double] { lines.compactMap { $0["eval_rewards/margins"]?.double } }
    #expect(margins(moving).count == 2 && margins(fixed).count == 2)
    #expect(abs(margins(moving)[1]) < abs(margins(fixed)[1]))
  }

  @Test func schedulesEndWithTheLastStep() throws {
    for (schedule, last) in [("linear", 2.5e-4), ("cosine", 1.4644660940672622e-4), ("constant", 1e-3)] {
      let options = ["--schedule", schedule, "--max-steps", "5", "--warmup-ratio", "0.2", "--no-shuffle"]
      try place.run(Workplace.dpo + ["--output", schedule] + options).succeeded()
      let rates = try place.metrics(schedule).compactMap { $0["learning_rate"]?.double }
      #expect(rates.count == 5 && rates[0] == 0 && rates[1] == 1e-3 && abs(rates[4] - last) < 1e-15)
    }
  }

  @Test func dataMayBeCompressedAndInFolders() throws {
    let lines = try String(contentsOfFile: Workplace.pairs, encoding: .utf8).split(separator: "\n").map { $0 + "\n" }
    try place.write("data/a.jsonl", lines[..<13].joined())
    try place.write("data/b.jsonl", lines[13...].joined())
    try place.write("data/notes.txt", "not a record")
    shell("gzip '\(place.path("data/a.jsonl"))'")
    let rest = [
      "--model", Workplace.model, "--threads", "1", "--no-shuffle", "--max-steps", "3", "--batch-size", "8",
      "--learning-rate", "1e-3",
    ]
    try place.run(["dpo", "--data", Workplace.pairs, "--output", "one"] + rest).succeeded()
    try place.run(["dpo", "--data", "data", "--output", "folder"] + rest).succeeded()
    try place.run(["dpo", "--data", "data/a.jsonl.gz", "data/b.jsonl", "--output", "two"] + rest).succeeded()
    try place.expectSame("one", "folder")
    try place.expectSame("one", "two")
  }

  @Test func aTemplateOfOnesOwnIsCarriedOn() throws {
    try place.run(Workplace.dpo + ["--output", "run", "--max-steps", "1", "--chat-template", "chatml"]).succeeded()
    #expect(try place.text("run/chat_template.jinja").contains("<|im_start|>"))
    let preview = ["data", "preview", "--data", Workplace.pairs]
    #expect(
      try place.run(preview + ["--model", "run"]).succeeded().output
        == place.run(preview + ["--model", Workplace.model, "--chat-template", "chatml"]).succeeded().output)
  }
}
