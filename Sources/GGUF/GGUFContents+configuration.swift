import JSON
import ModelFiles

extension GGUFContents {
  /// The model's shape as `config.json` says it.
  /// - Throws: `ModelFileError` for architectures that are not read, and for sizes that are missing.
  func configuration() throws -> JSON {
    let architecture = metadata["general.architecture"]?.string ?? ""
    guard var type = LlamaConfig.ModelType(ggufArchitecture: architecture) else {
      throw ModelFileError(
        path,
        "holds a model of architecture '\(architecture)', which is not supported (supported: llama, qwen2, qwen3, smollm3, "
          + "granite, olmo2, phi3, gemma2, gemma3)")
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
    if type == .olmo2, value("attention.sliding_window") != nil { type = .olmo3 }
    let width = try required("embedding_length"), heads = try required("attention.head_count")
    var config: TextKeyed<JSON> = [
      "architectures": [.string(type.family.className + "ForCausalLM")],
      "model_type": .string(type.rawValue),
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
    if let turned = value("rope.dimension_count")?.int, turned != headSize, type != .phi3 {
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
    config.merge(try ownKeys(of: type, architecture, headSize: headSize)) { $1 }
    return .object(config)
  }

  /// What a family's `config.json` says besides.
  private func ownKeys(
    of type: LlamaConfig.ModelType, _ architecture: String, headSize: Int
  ) throws -> TextKeyed<JSON> {
    func value(_ key: String) -> JSON { metadata["\(architecture).\(key)"] ?? .null }
    func factors(_ name: String) throws -> JSON? {
      try tensors.first { $0.name == name }.map { .array(try $0.floats().map { .number(Double($0)) }) }
    }
    // 0 stands for none.
    let window = value("attention.sliding_window").int ?? 0
    var keys: TextKeyed<JSON> = ["sliding_window": window > 0 ? .integer(window) : .null]
    switch type {
    case .granite:
      keys["attention_multiplier"] = value("attention.scale")
      keys["embedding_multiplier"] = value("embedding_scale")
      keys["residual_multiplier"] = value("residual_scale")
      keys["logits_scaling"] = value("logit_scale")
    case .olmo3:
      // llama.cpp has one base for all layers.
      keys["rope_parameters"] = [
        "sliding_attention": ["rope_type": "default", "rope_theta": value("rope.freq_base")]
      ]
    case .phi3:
      keys["original_max_position_embeddings"] = value("rope.scaling.original_context_length")
      if let turned = value("rope.dimension_count").int, turned != headSize {
        keys["partial_rotary_factor"] = .number(Double(turned) / Double(headSize))
      }
      if let long = try factors("rope_factors_long.weight"), let short = try factors("rope_factors_short.weight") {
        keys["rope_scaling"] = [
          "rope_type": "longrope", "long_factor": long, "short_factor": short,
          "attention_factor": value("rope.scaling.attn_factor"),
        ]
      }
    case .gemma2, .gemma3:
      keys["query_pre_attn_scalar"] = .integer(
        type.ggufScaledSize(
          layers: value("block_count").int ?? 0, hiddenSize: value("embedding_length").int ?? 0,
          heads: value("attention.head_count").int ?? 1, headSize: headSize))
      keys["attn_logit_softcapping"] = value("attn_logit_softcapping")
      keys["final_logit_softcapping"] = value("final_logit_softcapping")
      if type == .gemma3, value("rope.freq_base_swa") != .null {
        keys["rope_local_base_freq"] = value("rope.freq_base_swa")
      }
    case .llama, .mistral, .ministral, .qwen2, .qwen3, .smollm3, .olmo2: return [:]
    }
    return keys
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
