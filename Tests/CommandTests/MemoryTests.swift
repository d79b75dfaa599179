import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Testing
import Torch

/// What a run needs of the memory, as the process itself reports it.
@Suite struct MemoryTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    // Deep enough for activations to outweigh all else.
    let config = try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 288, "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 8,
      "num_attention_heads": 4, "rms_norm_eps": 1e-5, "max_position_embeddings": 2048, "tie_word_embeddings": true,
    ])
    var generator = SplitMix64(seed: 1)
    var writer = ModelFolderWriter(config: config)
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      writer.files[name] = Array(try Data(contentsOf: URL(filePath: Workplace.model).appending(path: name)))
    }
    try writer.write(
      LlamaModel(untrained: config, using: &generator).outputTensors(.float32), to: place.url("deep"))
  }

  @Test func aBoundOnTokensHoldsWhateverTheDatasLengths() throws {
    let short = try peak("short", answers: 200)
    let long = try peak("long", answers: 1000)
    let everything = try peak("everything", answers: 1000, ["--recompute", "never"])
    // Bytes: pairs five times as long take a few megabytes more, where keeping everything takes 85.
    // With our own kernels, 7. Where libtorch computes, its results lie beside our arena, and up to 31 were seen.
    #expect(long - short < (Kernels.available.contains(.own) ? 20_000_000 : 40_000_000))
    #expect(everything - short > 40_000_000)
    // Only how often a layer is computed differs.
    try place.expectSame("long", "everything")
  }

  /// The copy into which an adapter is merged for benchmarks is a part of the need.
  @Test func whatAnswersBenchmarksIsEstimated() throws {
    try place.write("fruit.jsonl", #"{"prompt": "Name a fruit.", "answer": "a", "max_tokens": 2}"#)
    func told(_ options: [String]) throws -> String {
      try place.run(
        [
          "dpo", "--model", "deep", "--data", Workplace.pairs, "--output", "run\(options.count)", "--threads", "1",
          "--lora-rank", "2", "--micro-tokens", "64", "--recompute", "always", "--max-length", "64", "--max-steps", "1",
        ] + options
      ).succeeded().errors
    }
    #expect(try told(["--eval-task", "fruit.jsonl"]).contains(" MB merged copy that answers\n"))
    #expect(try !told([]).contains("merged copy"))
  }

  /// A model of 7B on a disk, whose file is all zeros and takes no room there: what it takes is known by its tensors' names.
  @Test func aLargeModelIsEstimatedWithoutReadingItsWeights() throws {
    try writeSparseModel()
    let outcome = try place.run([
      "dpo", "--model", "sparse", "--data", Workplace.pairs, "--output", "run", "--threads", "1", "--lora-rank", "16",
      "--base-type", "nf4", "--micro-tokens", "1000000", "--recompute", "never",
    ])
    // Activations of a million tokens fit nowhere.
    let error = try #require(outcome.error)
    #expect(outcome.status == 1 && error.contains("training needs about "), "\(error)")
    #expect(error.contains(": 3.87 GB frozen weights, 160 MB adapter, 160 MB gradients, 40 MB libtorch"), "\(error)")
    #expect(!FileManager.default.fileExists(atPath: place.url("run/metrics.jsonl").path))
  }

  /// Llama 2's 7B in bfloat16.
  private func writeSparseModel() throws {
    let config: JSON = [
      "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 32, "num_attention_heads": 32, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
    ]
    try place.write("sparse/config.json", config.text)
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try FileManager.default.copyItem(atPath: "\(Workplace.model)/\(name)", toPath: place.url("sparse/\(name)").path)
    }
    var (header, end): (TextKeyed<JSON>, Int) = ([:], 0)
    for tensor in try LlamaConfig(json: config).architecture.tensors {
      let start = end
      end += 2 * tensor.count
      header[tensor.name] = [
        "dtype": "BF16", "shape": .array(tensor.shape.map(JSON.integer)),
        "data_offsets": [.integer(start), .integer(end)],
      ]
    }
    let text = JSON.object(header).text
    try place.write("sparse/model.safetensors", "")
    let file = try FileHandle(forWritingTo: place.url("sparse/model.safetensors"))
    try withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { try file.write(contentsOf: Data($0)) }
    try file.write(contentsOf: Data(text.utf8))
    try file.truncate(atOffset: UInt64(8 + text.utf8.count + end))
    try file.close()
  }

  /// The peak of the process that trains on pairs whose answers have about so many tokens.
  private func peak(_ name: String, answers: Int, _ options: [String] = []) throws -> Int {
    var generator = SplitMix64(seed: 2)
    func answer() -> String { String((0..<answers).map { _ in "qxzvkj".randomElement(using: &generator) ?? "q" }) }
    let lines = (0..<4).map { _ in #"{"prompt": "Say.", "chosen": "\#(answer())", "rejected": "\#(answer())"}"# }
    try place.write("\(name).jsonl", lines.joined(separator: "\n"))
    try place.run(
      [
        "dpo", "--model", "deep", "--data", "\(name).jsonl", "--output", name, "--threads", "1", "--batch-size", "2",
        "--micro-tokens", "512", "--epochs", "1",
      ] + options
    ).succeeded()
    return try #require(place.metrics(name).last?["peak_memory_bytes"]?.int)
  }
}
