import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Folders whose files say different things, and folders of something else than a model.
@Suite struct ContradictionTests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private func error() -> String { message(in: scratch) { _ = try ModelFolder(scratch.url).openWeights() } }

  /// A folder of a model that ties its embedding, with an output projection of its own.
  private func writeTied(_ output: (OutputTensor) throws -> OutputTensor) throws {
    let config = try config(["tie_word_embeddings": true])
    var tensors = weights(of: config)
    tensors.append(try output(tensors[0]))
    try ModelFolderWriter(config: config).write(tensors, to: scratch.url)
  }

  @Test func anOutputProjectionThatIsNotTheEmbeddingIsKept() throws {
    try writeTied { _ in output("lm_head.weight", [Float](repeating: 0.5, count: 24), shape: [6, 4]) }
    let folder = try ModelFolder(scratch.url)
    #expect(!folder.config.tiesEmbeddings)
    #expect(
      folder.remarks == [
        "config.json ties lm_head to the embedding, but the weights hold another one, which is used, as in transformers; "
          + "models written from this one have tie_word_embeddings false"
      ])
    // What is written says it without contradiction.
    let tensors = weights(of: folder.config)
    #expect(tensors.last?.name == "lm_head.weight")
    try ModelFolderWriter(carryingOver: folder).write(tensors, to: scratch.url)
    let written = try ModelFolder(scratch.url)
    #expect(!written.config.tiesEmbeddings && written.remarks.isEmpty)
    #expect(written.config.json["tie_word_embeddings"] == false)
  }

  @Test(arguments: [ElementType.float32, .bfloat16])
  func anOutputProjectionThatRepeatsTheEmbeddingIsTied(type: ElementType) throws {
    // Small whole numbers are the same in both types.
    let floats = (0..<24).map(Float.init)
    let config = try config(["tie_word_embeddings": true])
    var tensors = weights(of: config)
    tensors[0] = output("model.embed_tokens.weight", floats, shape: [6, 4])
    tensors.append(output("lm_head.weight", floats, shape: [6, 4], as: type))
    try ModelFolderWriter(config: config).write(tensors, to: scratch.url)
    let folder = try ModelFolder(scratch.url)
    #expect(folder.config.tiesEmbeddings && folder.remarks.isEmpty)
  }

  @Test func anIndexBesideTheWholeWeightsIsTold() throws {
    try ModelFolderWriter(config: config()).write(weights(of: config()), to: scratch.url)
    try scratch.write("model.safetensors.index.json", "{}")
    #expect(
      try ModelFolder(scratch.url).remarks == [
        "model.safetensors.index.json is not read: model.safetensors is beside it and is used, as in transformers"
      ])
  }

  @Test func anAdapterBesideWeightsIsUnclear() throws {
    try scratch.write("adapter_config.json", "{")
    try ModelFolderWriter(config: config()).write(weights(of: config()), to: scratch.url)
    #expect(
      error()
        == "FOLDER: holds an adapter beside full weights, so it is unclear which of them is meant; move one of them away"
    )
  }

  @Test func aGGUFFileIsNamed() throws {
    try scratch.write("model.gguf", "GGUF\u{3}\0\0\0")
    #expect(
      message(in: scratch) { _ = try ModelFolder(scratch.url("model.gguf")) }
        == "model.gguf: is a GGUF file; name the Hugging Face folder that it was made from")
    #expect(
      error()
        == "FOLDER: holds a GGUF file (model.gguf) and no config.json; name the file itself")
  }

  @Test(arguments: [
    ("model.layers.0.self_attn.q_proj.qweight", "GPTQ or AWQ"), ("model.layers.0.mlp.up_proj.g_idx", "GPTQ"),
    ("model.layers.0.mlp.up_proj.weight.absmax", "bitsandbytes"),
    ("model.layers.0.mlp.up_proj.weight.quant_state.bitsandbytes__fp4", "bitsandbytes"),
    ("model.layers.0.mlp.up_proj.SCB", "bitsandbytes"), ("model.layers.0.mlp.up_proj.weight_scale", "FP8"),
  ])
  func quantizedWeightsAreNamed(tensor: String, method: String) throws {
    let config = try config()
    var tensors = weights(of: config)
    tensors.removeLast()
    try ModelFolderWriter(config: config).write(tensors + [output(tensor, [1])], to: scratch.url)
    #expect(
      error()
        == "FOLDER: holds quantized weights (\(method), by tensor '\(tensor)'), but its config.json does not say so; use "
        + "the unquantized model")
  }

  @Test(
    arguments: [
      (["rope_scaling": ["type": "linear", "factor": 4]], nil),
      (["rope_theta": 5e5, "rope_parameters": ["rope_type": "default", "rope_theta": 5e5]], nil),
      (
        [
          "rope_scaling": ["rope_type": "linear", "type": "linear", "factor": 2],
          "rope_parameters": ["rope_type": "linear", "factor": 2.0],
        ], nil
      ),
      (
        [
          "rope_scaling": ["type": "linear", "factor": 4],
          "rope_parameters": ["rope_type": "default", "rope_theta": 1e4],
        ],
        "rope_parameters is not read: rope_scaling, which is another, is used, as in transformers"
      ),
      (
        ["rope_scaling": ["type": "linear", "factor": 4], "rope_parameters": ["rope_type": "yarn"]],
        "rope_parameters is not read: rope_scaling, which is another, is used, as in transformers"
      ),
      (
        ["rope_theta": 1e4, "rope_parameters": ["rope_type": "default", "rope_theta": 1e6]],
        "rope_theta 10000.0 is not read: rope_parameters.rope_theta 1000000.0 is used, as in transformers"
      ),
      (
        ["rope_scaling": ["rope_type": "linear", "type": "dynamic", "factor": 2]],
        "rope_scaling.type 'dynamic' is not read: rope_scaling.rope_type 'linear' is used, as in transformers"
      ),
      (
        ["rope_scaling": ["factor": 4]],
        "rope_scaling.factor 4.0 is not read: rope_type 'default', which has none, is used, as in transformers"
      ),
    ] as [([String: JSON], String?)])
  func spellingsThatContradictEachOtherAreTold(changes: [String: JSON], remark: String?) throws {
    #expect(try config(changes).remarks == [remark].compactMap(\.self))
  }

  @Test(
    arguments: [
      ["type": .null, "factor": 4], ["rope_type": .null, "factor": 4],
      ["rope_type": .null, "type": "linear", "factor": 4],
    ] as [JSON])
  func aScalingOfNoTypeIsRefused(scaling: JSON) throws {
    let key = scaling["rope_type"] == nil ? "type" : "rope_type"
    #expect(
      message(in: scratch) { _ = try config(["rope_scaling": scaling]) }
        == "config.json: rope_scaling.\(key) is null, which transformers refuses too; name one (supported: default, linear, "
        + "dynamic, llama3, yarn, longrope), or remove rope_scaling")
  }
}
