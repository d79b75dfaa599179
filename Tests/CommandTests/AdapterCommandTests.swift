import Foundation
import JSON
import ModelFiles
import Testing

/// Adapters by the command line: trained, trained further, asked, merged, exported.
@Suite struct AdapterCommandTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func weights(_ run: String) throws -> Data {
    try Data(contentsOf: place.url(run + "/adapter_model.safetensors"))
  }

  private let prompt = ["--max-tokens", "8", "--raw", "--bos", "always", "--jsonl", "red and"]

  @Test func anAdapterGoesAllTheWay() throws {
    try place.run(
      Workplace.sft + ["--output", "sft", "--lora-rank", "4", "--max-steps", "8", "--learning-rate", "5e-2"]
    ).succeeded()
    #expect(try !place.names("sft").contains("model.safetensors") && !place.names("sft").contains("config.json"))
    #expect(try place.text("sft/README.md").contains("library_name: peft"))
    #expect(try place.text("sft/README.md").contains("lora-rank"))

    // It is a model by itself, and one beside its base; merged it answers the same.
    let answer = try place.run(["generate", "--model", "sft"] + prompt).succeeded().output
    #expect(try place.run(["generate", "--model", Workplace.model] + prompt).succeeded().output != answer)
    #expect(
      try place.run(["generate", "--model", Workplace.model, "--adapter", "sft"] + prompt).succeeded().output == answer)
    try place.run(["merge", "sft", "--output", "merged"]).succeeded()
    #expect(try place.run(["generate", "--model", "merged"] + prompt).succeeded().output == answer)
    try place.run(["export", "safetensors", "sft", "--output", "float32", "--dtype", "float32"]).succeeded()
    #expect(
      try Data(contentsOf: place.url("float32/model.safetensors"))
        == Data(contentsOf: place.url("merged/model.safetensors")))
    try place.run(["export", "gguf", "sft", "--output", "sft.gguf"]).succeeded()

    // Trained further, its reference is the adapter as it began, in a cache of its own.
    for steps in ["2", "3"] {
      let run = try place.run(
        [
          "dpo", "--model", "sft", "--data", Workplace.pairs, "--threads", "1", "--batch-size", "8", "--max-steps",
          steps,
        ]
          + ["--output", "dpo" + steps])
      run.succeeded()
      let first = try #require(place.metrics("dpo" + steps).first { $0["step"] == 1 }?["loss"]?.double)
      #expect(Float(first) == 0.693147182464599609375)
    }
    #expect(try place.names("cache/reference").count == 1)
    #expect(try weights("dpo2") != weights("sft"))
    #expect(try place.text("dpo2/adapter_config.json").contains(Workplace.model))
  }

  @Test func aStoppedRunGoesOnToTheSameBits() throws {
    let options =
      Workplace.dpo + ["--lora-rank", "3", "--lora-target", "attention", "--lora-dropout", "0.2", "--max-steps", "6"]
    try place.run(options + ["--output", "whole"]).succeeded()
    try place.run(options + ["--output", "parts", "--save-every", "2", "--keep", "9"]).succeeded()
    #expect(try place.names("parts/checkpoint-4").contains("adapter_model.safetensors"))
    for name in ["checkpoint-4", "checkpoint-6", "adapter_model.safetensors"] {
      try FileManager.default.removeItem(at: place.url("parts/" + name))
    }
    try place.run(["dpo", "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    #expect(try weights("parts") == weights("whole"))
    #expect(try place.course("parts") == place.course("whole"))
    #expect(try place.run(["generate", "--model", "parts/checkpoint-2"] + prompt).succeeded().output.isEmpty == false)
  }

  @Test(arguments: ["kto", "grpo", "online-dpo"]) func otherMethodsTrainAdaptersToo(command: String) throws {
    try place.write(
      "prompts.jsonl",
      (1...8).map { #"{"prompt": "Name \#($0).", "completion": "red", "label": \#($0 % 2 == 0)}"# }
        .joined(separator: "\n") + "\n")
    let online = ["--reward", "regex:[a-m]", "--group-size", "2", "--max-tokens", "6"]
    try place.run(
      [
        command, "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run", "--threads", "1",
        "--batch-size", "4",
        "--lora-rank", "2",
      ] + (command == "kto" ? [] : online) + (command == "grpo" ? ["--beta", "0.04"] : [])
    ).succeeded()
    #expect(try place.names("run").contains("adapter_model.safetensors"))
    if command == "grpo" {
      // Answers are the base's at first, which the policy's cannot differ from.
      #expect(try place.metrics("run").first { $0["loss"] != nil }?["kl"]?.double == 0)
    }
  }

  /// Steps of training are too small for bfloat16: a dither keeps them on the average, and the nearest numbers hardly do.
  @Test func whatBFloat16KeepsIsTold() throws {
    let options = Workplace.dpo + ["--max-steps", "2", "--learning-rate", "1e-5"]
    try place.run(options + ["--output", "adapter", "--lora-rank", "2"]).succeeded()
    try place.run(options + ["--output", "full"]).succeeded()
    for (model, command) in [("adapter", ["merge", "adapter"]), ("full", ["export", "safetensors", "full"])] {
      for rounding in ["dithered", "nearest"] {
        let outcome = try place.run(
          command + ["--dtype", "bfloat16", "--rounding", rounding, "--output", "\(model)-\(rounding)"]
        ).succeeded()
        #expect(outcome.errors.contains("of what training moved the weights by, bfloat16 keeps "), "\(outcome.errors)")
      }
      let weights = try ["dithered", "nearest"].map {
        try Data(contentsOf: place.url("\(model)-\($0)/model.safetensors"))
      }
      #expect(weights[0] != weights[1])
    }
    let refused = try place.run(["merge", "adapter", "--rounding", "nearest", "--output", "refused"])
    #expect(refused.status == 64 && refused.errors.contains("--rounding is for --dtype bfloat16; leave it out"))
  }

  /// A reward model's adapter is trained, resumed, trained further, asked, rewards answers, and is merged.
  @Test func aRewardModelsAdapterGoesAllTheWay() throws {
    let options = [
      "reward", "--model", Workplace.model, "--data", Workplace.pairs, "--threads", "1", "--batch-size", "8",
      "--lora-rank", "3", "--learning-rate", "1e-2",
    ]
    try place.run(options + ["--max-steps", "6", "--output", "judge"]).succeeded()
    let config = try place.text("judge/adapter_config.json")
    #expect(config.contains("SEQ_CLS") && config.contains("\"score\""))
    try place.run(options + ["--max-steps", "6", "--output", "parts", "--save-every", "4"]).succeeded()
    try FileManager.default.removeItem(at: place.url("parts/adapter_model.safetensors"))
    try place.run(["reward", "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    #expect(try weights("parts") == weights("judge"))

    func scores(_ options: [String]) throws -> [[Double]] {
      try place.run(["score", "--data", Workplace.pairs, "--threads", "1"] + options).succeeded().output
        .split(separator: "\n").map { line in
          let json = try JSON(parsing: String(line))
          return try ["chosen_reward", "rejected_reward"].map { try #require(json[$0]?.double) }
        }
    }
    let own = try scores(["--model", "judge"])
    #expect(own.filter { $0[0] > $0[1] }.count > own.count / 2)
    #expect(try scores(["--model", Workplace.model, "--adapter", "judge"]) == own)
    try place.run(["merge", "judge", "--output", "merged"]).succeeded()
    #expect(try scores(["--model", "merged"]) == own)
    #expect(try place.text("merged/config.json").contains("LlamaForSequenceClassification"))

    // Trained further, beside its base and above what was merged.
    for (model, rank) in [("judge", []), ("merged", ["--lora-rank", "2"])] {
      try place.run(
        [
          "reward", "--model", model, "--data", Workplace.pairs, "--threads", "1", "--max-steps", "1",
          "--warmup-ratio", "0", "--output",
        ] + ["more-" + model] + rank
      ).succeeded()
      #expect(try scores(["--model", "more-" + model]) != own)
    }
    try place.write("prompts.jsonl", "{\"prompt\": \"Name a colour.\"}\n")
    try place.run(
      [
        "grpo", "--model", Workplace.model, "--data", "prompts.jsonl", "--output", "run", "--threads", "1", "--reward",
        "judge", "--group-size", "2", "--max-tokens", "6", "--lora-rank", "2",
      ]
    ).succeeded()
    let asked = try place.run(["generate", "--model", "judge"] + prompt)
    #expect(asked.status == 1 && asked.errors.contains("is a reward model, which scores answers and gives none"))
    try place.run(Workplace.sft + ["--output", "language", "--lora-rank", "2", "--max-steps", "1"]).succeeded()
    let other = try place.run(["reward", "--model", "language", "--data", Workplace.pairs, "--output", "none"])
    #expect(other.status == 1 && other.errors.contains("merge it into its base"), "\(other.errors)")
  }

  /// A reference that follows an adapter moves, and goes on where the run was stopped.
  @Test func aMovingReferenceFollowsAnAdapter() throws {
    let options =
      Workplace.dpo + [
        "--lora-rank", "2", "--reference-sync-steps", "2", "--max-steps", "6", "--learning-rate", "1e-2",
      ]
    try place.run(options + ["--output", "whole"]).succeeded()
    try place.run(options + ["--output", "parts", "--save-every", "3"]).succeeded()
    #expect(try place.names("parts/checkpoint-6").contains("reference.safetensors"))
    for name in ["checkpoint-6", "adapter_model.safetensors"] {
      try FileManager.default.removeItem(at: place.url("parts/" + name))
    }
    try place.run(["dpo", "--config", "parts/config.yaml", "--output", "parts", "--resume"]).succeeded()
    #expect(try weights("parts") == weights("whole"))
    #expect(try place.course("parts") == place.course("whole"))
    // A reference that stays leads elsewhere.
    try place.run(
      Workplace.dpo + ["--lora-rank", "2", "--max-steps", "6", "--learning-rate", "1e-2", "--output", "fixed"]
    ).succeeded()
    #expect(try weights("fixed") != weights("whole"))
  }

  /// The revision of its base that an adapter names is followed on the hub, and nowhere ignored.
  @Test func aRevisionIsNotIgnored() throws {
    try place.run(Workplace.sft + ["--output", "adapter", "--lora-rank", "2", "--max-steps", "1"]).succeeded()
    let file = "adapter/adapter_config.json"
    try place.write(file, place.text(file).replacing("\"revision\": null", with: "\"revision\": \"v1\""))
    let refused = try place.run(["generate", "--model", "adapter"] + prompt)
    #expect(
      refused.status == 1 && refused.errors.contains("is a LoRA adapter of revision 'v1' of ")
        && refused.errors.contains("; name the base as the model, and this folder as its adapter"), "\(refused.errors)")
    try place.run(["generate", "--model", Workplace.model, "--adapter", "adapter"] + prompt).succeeded()
  }

  /// The policy over a narrow base answers by a copy into which its adapter is merged, its reference has the same base, and
  /// reward models may be narrow too.
  @Test(arguments: [("grpo", "int8"), ("ppo", "nf4"), ("online-dpo", "bfloat16")])
  func onlineMethodsTrainOverNarrowBases(command: String, type: String) throws {
    try place.write("prompts.jsonl", (1...4).map { #"{"prompt": "Name \#($0)."}"# }.joined(separator: "\n") + "\n")
    try place.run([
      "reward", "--model", Workplace.model, "--data", Workplace.pairs, "--output", "judge", "--threads", "1",
      "--max-steps", "1",
    ]).succeeded()
    let options =
      [
        command, "--model", Workplace.model, "--data", "prompts.jsonl", "--threads", "1", "--batch-size", "4",
        "--reward", "judge", "--max-tokens", "6", "--lora-rank", "2", "--base-type", type, "--learning-rate", "1e-2",
        "--epochs", "2",
      ] + (command == "grpo" ? ["--beta", "0.04"] : []) + (command == "ppo" ? [] : ["--group-size", "2"])
    let told = try place.run(options + ["--output", "run"]).succeeded().errors
    #expect(told.contains("merged copy that answers") && told.contains("reward models"), "\(told)")
    #expect(told.contains("frozen weights") && told.contains(" of memory were used; the estimate was "))
    let first = try #require(place.metrics("run").first { $0["loss"] != nil })
    if command == "grpo" { #expect(first["kl"]?.double == 0) }
    if command == "online-dpo" { #expect(Float(first["loss"]?.double ?? 0) == 0.693147182464599609375) }
    // A reward model in fewer bits says other numbers.
    try place.run(options + ["--frozen-type", "nf4", "--output", "narrow"]).succeeded()
    #expect(try place.text("narrow/config.yaml").contains("frozen-type: nf4"))
    #expect(try place.text("narrow/samples.jsonl") != place.text("run/samples.jsonl"))
  }

  @Test func theRateIsTenTimesThatOfAllWeights() throws {
    let options = ["dpo", "--model", Workplace.model, "--data", Workplace.pairs, "--threads", "1", "--max-steps", "1"]
    try place.run(options + ["--output", "all"]).succeeded()
    try place.run(options + ["--output", "adapter", "--lora-rank", "1"]).succeeded()
    try place.run(options + ["--output", "own", "--lora-rank", "1", "--learning-rate", "5e-7"]).succeeded()
    for (run, rate) in [("all", "5e-07"), ("adapter", "5e-06"), ("own", "5e-07")] {
      #expect(try place.text(run + "/config.yaml").contains("learning-rate: \(rate)\n"), "\(run)")
    }
  }

  @Test(arguments: [
    (["--lora-alpha", "3"], 64, "--lora-alpha is for a new adapter, and needs --lora-rank"),
    (["--lora-rank", "0"], 64, "--lora-rank must be from 1 to 65536, not 0"),
    (
      ["--lora-rank", "2", "--lora-target", "lm_head"], 64,
      "The value 'lm_head' is invalid for '--lora-target <matrices>'"
    ),
    (
      ["--lora-rank", "2", "--reference", Workplace.model, "--reference-sync-steps", "2"], 1,
      "--reference has another shape than --model and cannot follow it; leave --reference-sync-steps out"
    ),
    (["--adapter", "nowhere"], 1, "nowhere: there is no such folder"),
  ]) func whatCannotBeIsRefused(options: [String], status: Int32, expected: String) throws {
    let outcome = try place.run(Workplace.dpo + ["--output", "run"] + options)
    #expect(outcome.status == status && outcome.errors.contains(expected), "\(outcome.errors)")
  }
}
