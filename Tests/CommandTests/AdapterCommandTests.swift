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
      ["--lora-rank", "2", "--reference-sync-steps", "2"], 1,
      "--reference-sync-steps is for training all weights: an adapter's reference is its base as it is"
    ),
    (["--adapter", "nowhere"], 1, "nowhere: there is no such folder"),
  ]) func whatCannotBeIsRefused(options: [String], status: Int32, expected: String) throws {
    let outcome = try place.run(Workplace.dpo + ["--output", "run"] + options)
    #expect(outcome.status == status && outcome.errors.contains(expected), "\(outcome.errors)")
  }
}
