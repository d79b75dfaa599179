import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@testable import GGUF

/// The tiny models of families as files for llama.cpp, and the table of what is done with each family.
@Suite struct FamilyExportTests {
  private let place: TemporaryFolder

  init() throws { place = try TemporaryFolder() }

  private static func folder(_ name: String) -> URL {
    Checkout.fixtures(of: "LlamaTests").appending(path: "families/" + name)
  }

  /// The file of a family's model, with a tokenizer of two merges.
  private func export(_ name: String) throws -> (file: ReadFile, notes: [String]) {
    let folder = place.url(name)
    try FileManager.default.copyItem(at: Self.folder(name), to: folder)
    try Data(TinyModel.bytes.utf8).write(to: folder.appending(path: "tokenizer.json"))
    let model = try GGUFModel(ModelFolder(folder), name: name, as: .float32)
    let path = folder.appending(path: "model.out")
    try model.write(to: path.path)
    return (try ReadFile(path), model.notes)
  }

  static let metadata: [(String, String, [String: String])] = [
    (
      "smollm3", "smollm3",
      ["rope.freq_base": "5000000.0", "rope.dimension_count": "4", "attention.layer_norm_rms_epsilon": "1e-06"]
    ),
    (
      "granite", "granite",
      ["attention.scale": "0.0625", "embedding_scale": "12.0", "residual_scale": "0.22", "logit_scale": "8.0"]
    ),
    ("olmo2", "olmo2", ["rope.freq_base": "500000.0"]),
    (
      "olmo3", "olmo2",
      [
        "attention.sliding_window": "6", "attention.sliding_window_pattern": "true|true|true|false",
        "rope.scaling.type": "yarn", "rope.scaling.factor": "8.0", "rope.scaling.original_context_length": "16",
        "rope.scaling.yarn_beta_fast": "32.0", "rope.scaling.yarn_beta_slow": "1.0",
      ]
    ),
    ("phi3", "phi3", ["attention.sliding_window": "11", "rope.dimension_count": "4"]),
    (
      "phi4-mini", "phi3",
      [
        "rope.dimension_count": "6", "rope.scaling.original_context_length": "20",
        "rope.scaling.attn_factor": "1.2726537",
      ]
    ),
    (
      "gemma2", "gemma2",
      [
        "attention.sliding_window": "6", "attn_logit_softcapping": "3.0", "final_logit_softcapping": "2.0",
        "attention.key_length": "8",
      ]
    ),
    (
      "gemma3", "gemma3",
      [
        "attention.sliding_window": "6", "rope.freq_base": "1000000.0", "rope.freq_base_swa": "10000.0",
        "rope.scaling.type": "linear", "rope.scaling.factor": "8.0",
      ]
    ),
  ]

  @Test(arguments: metadata)
  func metadataIsInLlamaCppsWords(name: String, architecture: String, keys: [String: String]) throws {
    let (file, _) = try export(name)
    #expect(file.metadata["general.architecture"] == architecture)
    for (key, value) in keys { #expect(file.metadata["\(architecture).\(key)"] == value, "\(key)") }
  }

  @Test func tensorsHaveLlamaCppsNames() throws {
    let layer = { (file: ReadFile) in
      file.names.filter { $0.hasPrefix("blk.1.") }.map { $0.dropFirst(6) }.joined(separator: " ")
    }
    #expect(
      try layer(export("phi3").file)
        == "attn_norm.weight attn_qkv.weight attn_output.weight ffn_norm.weight ffn_up.weight ffn_down.weight")
    #expect(
      try layer(export("olmo2").file)
        == "attn_q.weight attn_k.weight attn_v.weight attn_q_norm.weight attn_k_norm.weight attn_output.weight "
        + "post_attention_norm.weight ffn_gate.weight ffn_up.weight ffn_down.weight post_ffw_norm.weight")
    let gemma = try export("gemma3").file
    #expect(
      layer(gemma)
        == "attn_norm.weight attn_q.weight attn_k.weight attn_v.weight attn_q_norm.weight attn_k_norm.weight "
        + "attn_output.weight post_attention_norm.weight ffn_norm.weight ffn_gate.weight ffn_up.weight ffn_down.weight "
        + "post_ffw_norm.weight")
    // What a norm adds to its weights is in the file.
    let stored = try ModelFolder(Self.folder("gemma3")).openWeights()
    #expect(
      try gemma.tensors["blk.1.ffn_norm.weight"]?.floats
        == stored.tensor("model.layers.1.pre_feedforward_layernorm.weight").floats().map { $0 + 1 })
    #expect(
      try gemma.tensors["output_norm.weight"]?.floats == stored.tensor("model.norm.weight").floats().map { $0 + 1 })
    let phi = try export("phi4-mini").file
    #expect(phi.tensors["rope_factors_long.weight"]?.floats == [1, 1.5, 4])
    #expect(phi.tensors["rope_factors_short.weight"]?.floats == [1, 1.1, 1.2])
  }

  @Test func theHalvesOfHeadsAlternateWhereLlamaCppTurnsNeighbours() throws {
    for (name, isInterleaved) in [("smollm3", true), ("granite", true), ("olmo2", false), ("gemma2", false)] {
      let queries = try #require(export(name).file.tensors["blk.0.attn_q.weight"]).floats
      let stored = try ModelFolder(Self.folder(name)).openWeights().tensor("model.layers.0.self_attn.q_proj.weight")
        .floats()
      // The second row is the first of the head's second half, or the second.
      #expect((queries[16..<32] == stored[16..<32]) == !isInterleaved, "\(name)")
      #expect(queries.sorted() == stored.sorted())
    }
  }

  static let unknown: [(String, [String: JSON], String)] = [
    ("smollm3", ["no_rope_layers": [1, 0, 1, 0]], "positions in other layers than three of four"),
    ("gemma3", ["sliding_window_pattern": 2], "windows in other layers than five of six"),
    ("gemma3", ["query_pre_attn_scalar": 9], "a query_pre_attn_scalar that is not the size of a head"),
    ("gemma2", ["attn_logit_softcapping": .null], "a Gemma 2 without caps"),
    (
      "olmo3", ["layer_types": .array(Array(repeating: "sliding_attention", count: 4))],
      "windows in other layers than three of four"
    ),
    (
      "llama-yarn", ["rope_scaling": ["rope_type": "yarn", "factor": 4, "attention_factor": 2]],
      "an attention factor of 2.0 in YaRN"
    ),
  ]

  @Test(arguments: unknown)
  func whatLlamaCppDoesNotKnowIsRefused(name: String, changes: [String: JSON], expected: String) throws {
    let folder = place.url(name)
    try FileManager.default.copyItem(at: Self.folder(name), to: folder)
    try Data(TinyModel.bytes.utf8).write(to: folder.appending(path: "tokenizer.json"))
    var members = try #require(JSON(file: folder.appending(path: "config.json")).object)
    for (key, value) in changes { members[key] = value }
    try Data(JSON.object(members).text.utf8).write(to: folder.appending(path: "config.json"))
    let model = try ModelFolder(folder)
    let error = #expect(throws: ModelFileError.self) { try GGUFModel(model, name: name, as: .float32) }
    #expect(
      error?.description.hasSuffix(
        "llama.cpp does not know \(expected) in models of type \(model.config.modelType.rawValue)") == true,
      "\(error as Any)")
  }

  /// What was exported computes the same where it is read again.
  @Test(arguments: ["smollm3", "granite", "olmo2", "olmo3", "phi3", "phi4-mini", "gemma2", "gemma3", "falcon3"])
  func filesAreReadAgain(name: String) throws {
    let folder = place.url("read")
    _ = try export(name)
    try GGUFFolder.write(GGUFContents(path: place.url(name).appending(path: "model.out").path), to: folder)
    let (read, own) = try (ModelFolder(folder), ModelFolder(Self.folder(name)))
    func rounded(_ config: LlamaConfig) -> String {
      // The file has metadata in float32.
      config.computation.replacing(/-?\d+\.\d+(e-?\d+)?/) { String(Float($0.output.0) ?? 0) }
    }
    #expect(rounded(read.config) == rounded(own.config))
    #expect(
      read.config.modelType == own.config.modelType && read.config.family.className == own.config.family.className)
    let (weights, expected) = try (read.openWeights(), own.openWeights())
    #expect(weights.names == expected.names)
    for name in expected.names {
      let (numbers, original) = try (weights.tensor(name).floats(), expected.tensor(name).floats())
      // What 1 was added to and taken from is rounded.
      #expect(zip(numbers, original).allSatisfy { abs($0 - $1) <= 6e-8 }, "\(name)")
    }
  }

  /// Each tick is a test's: of training `FamilyTests`, of answering `FamilyAnswerTests`, of GGUF this one.
  @Test func theTableIsTrue() throws {
    var table = """
      | published | `model_type` | keys of `config.json` that are read besides Llama's | trains | answers | GGUF |
      | --- | --- | --- | --- | --- | --- |

      """
    let llama: Set = [
      "architectures", "attention_bias", "bos_token_id", "dtype", "eos_token_id", "head_dim", "hidden_act",
      "hidden_size",
      "initializer_range", "intermediate_size", "max_position_embeddings", "mlp_bias", "model_type",
      "num_attention_heads",
      "num_hidden_layers", "num_key_value_heads", "pad_token_id", "rms_norm_eps", "rope_theta", "tie_word_embeddings",
      "torch_dtype", "vocab_size",
    ]
    for (name, models) in Checkout.publishedFamilies {
      let config = try #require(JSON(file: Self.folder(name).appending(path: "config.json")).object)
      var keys: [String] = []
      for (key, value) in config where !llama.contains(key) && value != .null {
        let kind = value["rope_type"]?.string ?? value["type"]?.string
        keys.append(kind.map { "`\(key)` (\($0))" } ?? "`\(key)`")
      }
      let notes = try export(name).notes.filter { !$0.contains("chat template") }
      let gguf = notes.isEmpty ? "✔" : "✔ without windows"
      #expect(notes.allSatisfy { $0.contains("beyond the model's window") }, "\(notes)")
      let type = config["model_type"]?.string ?? ""
      table += "| \(models) | `\(type)` | \(keys.sorted().joined(separator: ", ")) | ✔ | ✔ | \(gguf) |\n"
    }
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/families.md"), encoding: .utf8)
    #expect(page.contains(table), "docs/families.md needs this table:\n\(table)")
  }
}
