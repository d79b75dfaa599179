import Foundation
import GGUF
import JSON
import ModelFiles
import Testing

/// What a file holds, against what the format and llama.cpp's converter ask for.
@Suite struct ExportTests {
  @Test func theShapeIsSaidInLlamaCppsWords() throws {
    let (file, notes) = try TinyModel(["rope_theta": 500000]).export(as: .float16)
    #expect(notes == ["the tokenizer has no chat template, so the file has none"])
    let expected = [
      "general.architecture": "llama", "general.type": "model", "general.name": "tiny", "general.file_type": "1",
      "general.size_label": "63K", "llama.vocab_size": "16", "llama.context_length": "128",
      "llama.embedding_length": "64", "llama.block_count": "2", "llama.feed_forward_length": "96",
      "llama.attention.head_count": "2", "llama.attention.head_count_kv": "1", "llama.attention.key_length": "32",
      "llama.attention.value_length": "32", "llama.attention.layer_norm_rms_epsilon": "1e-05",
      "llama.rope.dimension_count": "32", "llama.rope.freq_base": "500000.0",
    ]
    for (key, value) in expected { #expect(file.metadata[key] == value, "\(key)") }
  }

  @Test func tensorsHaveLlamaCppsNamesAndTypes() throws {
    let (file, _) = try TinyModel(["attention_bias": true, "mlp_bias": true]).export(as: .bfloat16)
    let layer = [
      "attn_norm.weight", "attn_q.weight", "attn_q.bias", "attn_k.weight", "attn_k.bias", "attn_v.weight",
      "attn_v.bias", "attn_output.weight", "attn_output.bias", "ffn_norm.weight", "ffn_gate.weight", "ffn_gate.bias",
      "ffn_up.weight", "ffn_up.bias", "ffn_down.weight", "ffn_down.bias",
    ]
    // The output is the embedding, and so not there.
    #expect(
      file.names == ["token_embd.weight"] + layer.map { "blk.0.\($0)" } + layer.map { "blk.1.\($0)" }
        + ["output_norm.weight"])
    for tensor in file.tensors.values { #expect(tensor.type == (tensor.shape.count == 1 ? 0 : 30), "\(tensor.name)") }
    #expect(file.tensors["blk.0.ffn_down.weight"]?.shape == [96, 64])
    let untied = try TinyModel(["tie_word_embeddings": false]).export(as: .float16).file
    #expect(untied.names.last == "output.weight")
  }

  @Test(arguments: ["llama", "mistral", "qwen2", "qwen3"]) func theHalvesOfAHeadAlternateForLlamaOnly(type: String)
    throws
  {
    let rotated = TinyModel.rows(64, interleaved: !type.hasPrefix("qwen"))
    let file = try TinyModel(["model_type": .string(type), "sliding_window": .null]).export(as: .float32).file
    let queries = try #require(file.tensors["blk.1.attn_q.weight"]).floats
    #expect(stride(from: 0, to: queries.count, by: 64).map { queries[$0] } == rotated.map(Float.init))
    let keys = try #require(file.tensors["blk.1.attn_k.weight"]).floats
    #expect(stride(from: 0, to: keys.count, by: 64).map { keys[$0] } == rotated.prefix(32).map(Float.init))
    let values = try #require(file.tensors["blk.1.attn_v.weight"]).floats
    #expect(stride(from: 0, to: values.count, by: 64).map { values[$0] } == (0..<32).map(Float.init))
  }

  @Test func normsOfHeadsHaveLlamaCppsNames() throws {
    let file = try TinyModel(["model_type": "qwen3"]).export(as: .float16).file
    #expect(
      file.tensors["blk.1.attn_q_norm.weight"]?.shape == [32] && file.tensors["blk.1.attn_q_norm.weight"]?.type == 0)
    #expect(file.tensors["blk.0.attn_k_norm.weight"]?.shape == [32])
    #expect(file.tensors["blk.0.attn_q.bias"] == nil)
    let error = #expect(throws: ModelFileError.self) {
      try TinyModel(["model_type": "qwen3", "attention_bias": true]).export(as: .float16)
    }
    #expect(error?.description.hasSuffix("llama.cpp does not know biases in models of type qwen3") == true)
  }

  @Test func biasesOfQueriesAreInterleavedToo() throws {
    let file = try TinyModel(["attention_bias": true]) { Float($1) + ($0.hasSuffix("bias") ? 0 : 0.5) }
      .export(as: .float16).file
    #expect(file.tensors["blk.0.attn_q.bias"]?.floats == TinyModel.rows(64, interleaved: true).map(Float.init))
    #expect(file.tensors["blk.0.attn_v.bias"]?.floats == (0..<32).map(Float.init))
  }

  @Test func llama3sScalingIsATensorOfFactors() throws {
    let scaling: JSON = [
      "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
      "original_max_position_embeddings": 64,
    ]
    let file = try TinyModel(["rope_scaling": scaling]).export(as: .q8_0).file
    #expect(file.names.first == "rope_freqs.weight")
    let factors = try #require(file.tensors["rope_freqs.weight"]).floats
    // The shortest wavelength, 2π, is below 64/4; the longest far above 64.
    #expect(factors.count == 16 && factors.first == 1 && factors.last == 8)
    #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 <= $1 } && Set(factors).count > 2)
    #expect(throws: ModelFileError.self) {
      try TinyModel(["rope_scaling": scaling, "model_type": "qwen2"]).export(as: .q8_0)
    }
  }

  @Test func linearScalingIsMetadataAndWhatLlamaCppLacksIsSaid() throws {
    let linear = try TinyModel(["rope_scaling": ["rope_type": "linear", "factor": 2.5]]).export(as: .float16).file
    #expect(linear.metadata["llama.rope.scaling.type"] == "linear")
    #expect(linear.metadata["llama.rope.scaling.factor"] == "2.5")
    let notes = try TinyModel([
      "rope_scaling": ["rope_type": "dynamic", "factor": 2.5], "model_type": "mistral", "sliding_window": 32,
    ]).export(as: .float16).notes
    #expect(notes.contains { $0.contains("window of 32 tokens") } && notes.contains { $0.contains("up to 128 tokens") })
  }

  @Test(arguments: [ElementType.float32, .float16, .bfloat16]) func anyTypeIsRead(type: ElementType) throws {
    let model = try TinyModel(as: type)
    let read = try model.export(as: .float32).file
    let stored = try ModelFolder(model.url).openWeights()
    #expect(
      try read.tensors["blk.0.ffn_up.weight"]?.floats == stored.tensor("model.layers.0.mlp.up_proj.weight").floats())
  }
}

extension TinyModel {
  /// The rows of heads of 32 in the order of the file.
  static func rows(_ count: Int, interleaved: Bool) -> [Int] {
    interleaved
      ? stride(from: 0, to: count, by: 32).flatMap { head in (0..<16).flatMap { [head + $0, head + 16 + $0] } }
      : Array(0..<count)
  }
}
