import JSON
import ModelFiles

extension GGUFContents {
  /// The model's shape as `config.json` says it.
  /// - Throws: `ModelFileError` for architectures that are not read, and for sizes that are missing.
  func configuration() throws -> JSON {
    let architecture = metadata["general.architecture"]?.string ?? ""
    let known = ["llama": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3"]
    guard let family = known[architecture] else {
      throw ModelFileError(
        path, "holds a model of architecture '\(architecture)', which is not supported (supported: llama, qwen2, qwen3)"
      )
    }
    func value(_ key: String) -> JSON? { metadata["\(architecture).\(key)"] }
    func required(_ key: String) throws -> JSON {
      guard let value = value(key) else { throw ModelFileError(path, "lacks \(architecture).\(key)") }
      return value
    }
    guard let vocabulary = tensors.first(where: { $0.name == "token_embd.weight" })?.shape.first else {
      throw ModelFileError(path, "lacks the tensor token_embd.weight")
    }
    func has(_ name: String) -> Bool { tensors.contains { $0.name == name } }
    if has("blk.0.ffn_gate_inp.weight") {
      throw ModelFileError(path, "holds a mixture of experts, which is not supported")
    }
    let width = try required("embedding_length"), heads = try required("attention.head_count")
    var config: TextKeyed<JSON> = [
      "architectures": [.string(family + "ForCausalLM")],
      "model_type": .string(architecture),
      "vocab_size": .integer(vocabulary),
      "hidden_size": width,
      "intermediate_size": try required("feed_forward_length"),
      "num_hidden_layers": try required("block_count"),
      "num_attention_heads": heads,
      "num_key_value_heads": value("attention.head_count_kv") ?? heads,
      "rms_norm_eps": try required("attention.layer_norm_rms_epsilon"),
      "max_position_embeddings": try required("context_length"),
      "rope_theta": value("rope.freq_base") ?? 10000,
      "tie_word_embeddings": .bool(!has("output.weight")),
      "attention_bias": .bool(has("blk.0.attn_output.bias")),
      "mlp_bias": .bool(has("blk.0.ffn_gate.bias")),
      "hidden_act": "silu",
      "torch_dtype": "float32",
    ]
    let headSize = value("attention.key_length")?.int ?? (width.int ?? 0) / max(1, heads.int ?? 1)
    config["head_dim"] = .integer(headSize)
    if let turned = value("rope.dimension_count")?.int, turned != headSize {
      throw ModelFileError(path, "turns \(turned) of a head's \(headSize) numbers, which is not supported")
    }
    for (key, name) in [("bos", "bos_token_id"), ("eos", "eos_token_id")] {
      config[name] = metadata["tokenizer.ggml.\(key)_token_id"] ?? .null
    }
    if let type = value("rope.scaling.type")?.string, type != "none" {
      var scaling: TextKeyed<JSON> = ["rope_type": .string(type), "factor": value("rope.scaling.factor") ?? .null]
      scaling["original_max_position_embeddings"] = value("rope.scaling.original_context_length")
      for key in ["beta_fast", "beta_slow"] { scaling[key] = value("rope.scaling.yarn_\(key)") }
      config["rope_scaling"] = .object(scaling)
    }
    if let factors = tensors.first(where: { $0.name == "rope_freqs.weight" }) {
      config["rope_scaling"] = try rotaryScaling(factors, config)
    }
    return .object(config)
  }

  /// Llama 3's scaling of rotary frequencies, of which the file has only what it comes to: that of 3.1 or of 3.2.
  private func rotaryScaling(_ stored: StoredTensor, _ config: TextKeyed<JSON>) throws -> JSON {
    let factors = try stored.floats()
    for factor in [8, 32] as [Double] {
      let scaling: JSON = [
        "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": 1, "high_freq_factor": 4,
        "original_max_position_embeddings": 8192,
      ]
      let scaled = config.merging(["rope_scaling": scaling]) { $1 }
      guard let expected = try LlamaConfig(json: .object(scaled), path: path).ggufRotaryFactors,
        expected.count == factors.count
      else { continue }
      if zip(expected, factors).allSatisfy({ abs($0 - $1) <= 1e-5 * abs($0) }) { return scaling }
    }
    throw ModelFileError(path, "scales rotary frequencies otherwise than Llama 3.1 and 3.2, which is not supported")
  }
}
