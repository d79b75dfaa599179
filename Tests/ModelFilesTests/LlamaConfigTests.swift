import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct LlamaConfigTests {
  static let fixture = Result { try json(fixtures.appendingPathComponent("configs.json")).object ?? [:] }

  @Test(arguments: [
    "llama", "llama-llama3", "llama-linear", "llama-dynamic", "mistral", "mistral-full", "qwen2", "qwen2-sliding",
    "qwen2-none-slides", "qwen3", "qwen3-biased", "qwen3-sliding",
  ])
  func bothSpellingsOfTransformersMeanTheSame(name: String) throws {
    let entry = try #require(try Self.fixture.get()[name])
    let new = try LlamaConfig(json: try #require(entry["new"]))
    let old = try LlamaConfig(json: try #require(entry["old"]))
    #expect(facts(new) == facts(old))
    let expected = try #require(entry["parameters"]?.object).mapValues { $0.array?.compactMap(\.int) ?? [] }
    #expect(
      Dictionary(uniqueKeysWithValues: new.architecture.tensors.map { ($0.name, $0.shape) })
        == Dictionary(uniqueKeysWithValues: expected.map { ($0, $1) }))
    #expect(facts(new) == Self.facts[name])
  }

  /// What differs between the fixtures, on a line.
  private func facts(_ config: LlamaConfig) -> String {
    let type = config.elementType.map(\.torchName) ?? "any"
    return
      "heads \(config.headCount)/\(config.keyHeadCount)x\(config.headSize) theta \(config.ropeTheta) \(config.ropeScaling)"
      + " positions \(config.maxPositions) tied \(config.tiesEmbeddings) eps \(config.rmsNormEpsilon)"
      + " biases \(config.attentionBias) \(config.outputBias) \(config.mlpBias) window \(config.slidingWindow ?? 0)"
      + " bos \(config.bosTokenID ?? -1) eos \(config.eosTokenIDs) \(type)"
  }

  static let facts = [
    "llama":
      "heads 4/2x8 theta 10000.0 none positions 2048 tied false eps 1e-06 biases false false false window 0 bos 1 eos [2] any",
    "llama-llama3":
      "heads 4/2x16 theta 500000.0 llama3(factor: 8.0, lowFrequencyFactor: 1.0, highFrequencyFactor: 4.0, originalMaxPositions: 128) positions 1024 tied true eps 1e-06 biases true true true window 0 bos 1 eos [2, 7] bfloat16",
    "llama-linear":
      "heads 4/2x8 theta 20000.0 linear(factor: 2.0) positions 2048 tied false eps 1e-06 biases false false false window 0 bos 1 eos [2] float16",
    "llama-dynamic":
      "heads 4/2x8 theta 10000.0 dynamic(factor: 4.0, originalMaxPositions: 64) positions 64 tied false eps 1e-06 biases false false false window 0 bos 1 eos [2] any",
    "mistral":
      "heads 4/2x8 theta 10000.0 none positions 131072 tied false eps 1e-05 biases false false false window 4096 bos 1 eos [2] any",
    "mistral-full":
      "heads 4/2x8 theta 1000000.0 none positions 131072 tied false eps 1e-06 biases false false false window 0 bos 1 eos [2] any",
    "qwen2":
      "heads 4/2x8 theta 10000.0 none positions 32768 tied true eps 1e-06 biases true false false window 0 bos 3 eos [5] any",
    "qwen2-sliding":
      "heads 4/2x8 theta 10000.0 none positions 32768 tied false eps 1e-06 biases true false false window 16 bos -1 eos [] any",
    "qwen2-none-slides":
      "heads 4/2x8 theta 10000.0 none positions 32768 tied false eps 1e-06 biases true false false window 0 bos -1 eos [] any",
    "qwen3":
      "heads 4/2x128 theta 10000.0 none positions 32768 tied true eps 1e-06 biases false false false window 0 bos 3 eos [5] any",
    "qwen3-biased":
      "heads 4/2x16 theta 10000.0 none positions 32768 tied false eps 1e-06 biases true true false window 0 bos -1 eos [] bfloat16",
    "qwen3-sliding":
      "heads 4/2x128 theta 10000.0 none positions 32768 tied false eps 1e-06 biases false false false window 16 bos -1 eos [] any",
  ]

  @Test func absentKeysMeanTheTypesDefaults() throws {
    let llama = try config()
    #expect(llama.keyHeadCount == 2 && llama.headSize == 2 && llama.maxPositions == 2048)
    #expect(llama.bosTokenID == 1 && llama.eosTokenIDs == [2] && !llama.tiesEmbeddings)
    let wide: [String: JSON] = ["num_attention_heads": 64, "hidden_size": 256]
    #expect(try config(wide.merging(["model_type": "mistral"]) { $1 }).keyHeadCount == 8)
    #expect(try config(wide.merging(["model_type": "qwen2"]) { $1 }).keyHeadCount == 32)
    #expect(try config(wide.merging(["model_type": "qwen2", "num_key_value_heads": .null]) { $1 }).keyHeadCount == 64)
    #expect(try config(["bos_token_id": .null, "eos_token_id": .null]).eosTokenIDs == [])
    #expect(try config(["bos_token_id": -1]).bosTokenID == nil)
    #expect(try config(["torch_dtype": "torch.bfloat16"]).elementType == .bfloat16)
    #expect(try config(["torch_dtype": "auto"]).elementType == nil)
    #expect(try config(["vocab_size": 6.0]).vocabularySize == 6)
  }

  @Test func layersSeeAndTurnAsTheirFamilySays() throws {
    func layers(_ type: JSON, _ changes: [String: JSON] = [:]) throws -> String {
      let all = try config(
        ["model_type": type, "num_hidden_layers": 6, "head_dim": 2, "num_key_value_heads": 2].merging(changes) { $1 })
      return all.attention.map { "\($0.window ?? 0)/\($0.rope.map { String(Int($0.theta)) } ?? "-")" }.joined(
        separator: " ")
    }
    #expect(try layers("llama", ["sliding_window": 3]) == "0/10000 0/10000 0/10000 0/10000 0/10000 0/10000")
    #expect(try layers("smollm3") == "0/2000000 0/2000000 0/2000000 0/- 0/2000000 0/2000000")
    #expect(
      try layers("smollm3", ["no_rope_layer_interval": 2, "use_sliding_window": true, "sliding_window": 3])
        == "0/2000000 3/- 0/2000000 3/- 0/2000000 3/-")
    #expect(try layers("gemma3_text", ["sliding_window": 3]) == "3/10000 3/10000 3/10000 3/10000 3/10000 0/1000000")
    #expect(try layers("gemma2", ["sliding_window": 3]) == "3/10000 0/10000 3/10000 0/10000 3/10000 0/10000")
    #expect(
      try layers("olmo3", ["rope_theta": 7])
        == "4096/500000 4096/500000 4096/500000 0/7 4096/500000 4096/500000")
    #expect(
      try layers(
        "olmo3",
        ["rope_parameters": ["full_attention": ["rope_theta": 7], "sliding_attention": ["rope_theta": 9]]])
        == "4096/9 4096/9 4096/9 0/7 4096/9 4096/9")
    let gemma = try config(["model_type": "gemma2", "num_key_value_heads": 2, "query_pre_attn_scalar": 16])
    #expect(gemma.multipliers.attention == 0.25 && gemma.multipliers.embedding == 2)
    #expect(gemma.multipliers.attentionCap == 50 && gemma.multipliers.logitCap == 30 && gemma.tiesEmbeddings)
    #expect(gemma.modelClass == "Gemma2ForCausalLM")
    let reward = try config(["model_type": "gemma3_text", "num_key_value_heads": 2]).scoring(
      .text(labels: 1), padTokenID: 0)
    #expect(reward.modelClass == "Gemma3TextForSequenceClassification")
    #expect(gemma.eosTokenIDs == [1] && gemma.bosTokenID == 2 && gemma.padTokenID == 0)
  }

  @Test func yarnIsReadAsTransformersReadsIt() throws {
    func yarn(_ scaling: TextKeyed<JSON>, _ changes: [String: JSON] = [:]) throws -> RopeScaling.Yarn? {
      let members = scaling.merging(["rope_type": "yarn"]) { $1 }
      guard case .yarn(let yarn) = try config(["rope_scaling": .object(members)].merging(changes) { $1 }).ropeScaling
      else {
        return nil
      }
      return yarn
    }
    let plain = try yarn(["factor": 4])
    #expect(plain?.originalMaxPositions == 2048 && plain?.betaFast == 32 && plain?.betaSlow == 1)
    #expect(abs((plain?.attentionFactor ?? 0) - 1.138629436111989) < 1e-12)
    // What stands beside the object wins.
    let original: [String: JSON] = ["original_max_position_embeddings": 77]
    #expect(try yarn(["factor": 4, "original_max_position_embeddings": 55], original)?.originalMaxPositions == 77)
    #expect(try yarn(["factor": 40, "mscale": 1, "mscale_all_dim": 1])?.attentionFactor == 1)
    #expect(try yarn(["factor": 4, "attention_factor": 1.5])?.attentionFactor == 1.5)
  }

  @Test func ropeScalingWinsOverRopeParametersAsInTransformers() throws {
    let both = try config([
      "rope_scaling": ["type": "linear", "factor": 2], "rope_parameters": ["rope_type": "default"], "rope_theta": 5e5,
    ])
    #expect(both.ropeScaling == .linear(factor: 2) && both.ropeTheta == 5e5)
    let empty = try config(["rope_scaling": [:], "rope_parameters": ["rope_type": "linear", "factor": 3]])
    #expect(empty.ropeScaling == .linear(factor: 3))
    let inner = try config(["rope_theta": 1e4, "rope_parameters": ["rope_theta": 1e6]])
    #expect(inner.ropeTheta == 1e6 && inner.ropeScaling == .none)
  }

  @Test(arguments: wrong)
  func wrongConfigsAreRefused(changes: [String: JSON], expected: String) throws {
    let scratch = try TemporaryFolder()
    #expect(message(in: scratch) { _ = try config(changes) } == "config.json: " + expected)
  }

  static let types =
    "llama, mistral, ministral, qwen2, qwen3, smollm3, granite, olmo2, olmo3, phi3, gemma2, gemma3_text"
  static let others =
    "(by bitsandbytes to NF4, and to FP8, they are); use the model that they were made of"
  static let wrong: [([String: JSON], String)] = [
    (["model_type": "gemma"], "model_type 'gemma' is not supported (supported: \(types))"),
    (["model_type": "a\nb"], "model_type 'a\\nb' is not supported (supported: \(types))"),
    (
      ["model_type": "mixtral", "num_local_experts": 8],
      "model_type 'mixtral' is a mixture of experts, which is not supported; use a dense model"
    ),
    (
      ["model_type": "gemma3", "vision_config": [:]],
      "model_type 'gemma3' takes more than text, which is not supported; use a model of text"
    ),
    (["model_type": .null], "model_type is missing"),
    (["model_type": 3], "model_type must be a string, not 3"),
    (["hidden_act": "gelu"], "hidden_act 'gelu' is not supported (supported: silu)"),
    (
      ["quantization_config": ["quant_method": "gptq", "bits": 4, "group_size": 128]],
      "quantization_config: weights that were quantized by GPTQ to 4 bits are not read \(others)"
    ),
    (
      ["quantization_config": ["quant_method": "awq", "bits": 4, "version": "gemm"]],
      "quantization_config: weights that were quantized by AWQ to 4 bits are not read \(others)"
    ),
    (
      ["quantization_config": ["quant_method": "bitsandbytes", "load_in_8bit": true]],
      "quantization_config: weights that were quantized by bitsandbytes to 8 bits are not read \(others)"
    ),
    (
      ["quantization_config": ["quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "fp4"]],
      "quantization_config: weights that were quantized by bitsandbytes to FP4 are not read \(others)"
    ),
    (
      ["quantization_config": ["quant_method": "compressed-tensors"]],
      "quantization_config: weights that were quantized by compressed-tensors are not read \(others)"
    ),
    (
      ["quantization_config": [:]],
      "quantization_config: weights that were quantized in a way that is not said are not read \(others)"
    ),
    (["vocab_size": .null], "vocab_size is missing"),
    (["vocab_size": 0], "vocab_size must be a whole number from 1 to 16777216, not 0"),
    (["vocab_size": 1.5], "vocab_size must be a whole number from 1 to 16777216, not 1.5"),
    (["vocab_size": "6"], "vocab_size must be a whole number from 1 to 16777216, not \"6\""),
    (["hidden_size": .integer(.max)], "hidden_size must be a whole number from 1 to 262144, not 9223372036854775807"),
    (["hidden_size": [4]], "hidden_size must be a whole number from 1 to 262144, not a list"),
    (["intermediate_size": -5], "intermediate_size must be a whole number from 1 to 1048576, not -5"),
    (["num_hidden_layers": 1_000_000], "num_hidden_layers must be a whole number from 1 to 4096, not 1000000"),
    (["num_attention_heads": 0], "num_attention_heads must be a whole number from 1 to 4096, not 0"),
    (
      ["num_attention_heads": 3],
      "hidden_size 4 is not a multiple of num_attention_heads 3, and head_dim is missing"
    ),
    (["num_attention_heads": 4], "head_dim 1 is odd; rotary embeddings need an even one"),
    (["head_dim": 7], "head_dim 7 is odd; rotary embeddings need an even one"),
    (["num_key_value_heads": 3], "num_key_value_heads must be a whole number from 1 to 2, not 3"),
    (
      ["num_attention_heads": 3, "head_dim": 2, "num_key_value_heads": 2],
      "num_key_value_heads 2 does not divide num_attention_heads 3"
    ),
    (["rms_norm_eps": -1e-5], "rms_norm_eps must be a number from 0.0 to 1.0, not -1e-05"),
    (["rms_norm_eps": .number(.nan)], "rms_norm_eps must be a number from 0.0 to 1.0, not NaN"),
    (["rope_theta": 0], "rope_theta must be a number from 0.001 to 1000000000000.0, not 0"),
    (["max_position_embeddings": 0], "max_position_embeddings must be a whole number from 1 to 1073741824, not 0"),
    (["tie_word_embeddings": "yes"], "tie_word_embeddings must be true or false, not \"yes\""),
    (["eos_token_id": "</s>"], "eos_token_id must be a token id or a list of them, not \"</s>\""),
    (["eos_token_id": [2, -7]], "eos_token_id must be a token id or a list of them, not -7"),
    (
      ["torch_dtype": "float8_e4m3fn"],
      "torch_dtype 'float8_e4m3fn' is not supported (supported: float32, bfloat16, float16, float64)"
    ),
    (["dtype": "int8"], "dtype 'int8' is not supported (supported: float32, bfloat16, float16, float64)"),
    (
      ["rope_scaling": ["rope_type": "proportional", "factor": 4]],
      "rope_scaling.rope_type 'proportional' is not supported (supported: default, linear, dynamic, llama3, yarn, longrope)"
    ),
    (["rope_scaling": ["type": "yarn"]], "rope_scaling.factor is missing"),
    (
      ["rope_scaling": ["type": "yarn", "factor": 4, "beta_fast": 1, "beta_slow": 2]],
      "rope_scaling.beta_fast 1.0 must not be less than beta_slow 2.0"
    ),
    (
      ["rope_scaling": ["type": "yarn", "factor": 4, "attention_factor": .number(.nan)]],
      "rope_scaling.attention_factor must be a number from 1e-06 to 1000000.0, not NaN"
    ),
    (
      ["rope_scaling": ["type": "yarn", "factor": 4], "rope_theta": 1],
      "rope_scaling.rope_theta 1.0 must be greater than 1 for yarn"
    ),
    (["rope_scaling": ["type": "longrope"]], "rope_scaling.short_factor is missing"),
    (
      ["rope_scaling": ["type": "longrope", "short_factor": [1], "long_factor": [1, 2]]],
      "rope_scaling.long_factor must be a list of positive numbers, one for each of 1 frequencies"
    ),
    (
      ["rope_scaling": ["type": "longrope", "short_factor": [0], "long_factor": [1]]],
      "rope_scaling.short_factor must be a list of positive numbers, one for each of 1 frequencies"
    ),
    (["rope_scaling": "linear"], "rope_scaling is not a JSON object"),
    (["rope_scaling": ["type": "linear"]], "rope_scaling.factor is missing"),
    (
      ["rope_scaling": ["type": "linear", "factor": 0]],
      "rope_scaling.factor must be a number from 1.0 to 1000000.0, not 0"
    ),
    (
      ["rope_parameters": ["rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1]],
      "rope_parameters.high_freq_factor 1.0 must be greater than low_freq_factor 4.0"
    ),
    (
      ["rope_parameters": ["rope_type": "default", "partial_rotary_factor": 0.5]],
      "rope_parameters.partial_rotary_factor 0.5 is not supported: heads of a Llama model are rotated whole"
    ),
    (
      ["rope_parameters": ["full_attention": ["rope_type": "default"]]],
      "rope_parameters.full_attention: parameters by layer type are not those of a Llama model"
    ),
    (
      [
        "model_type": "qwen2", "num_key_value_heads": 2, "use_sliding_window": true,
        "layer_types": ["chunked_attention"],
      ],
      "layer_types must hold full_attention and sliding_attention only, not \"chunked_attention\""
    ),
    (
      ["model_type": "qwen3", "num_key_value_heads": 2, "head_dim": .null],
      "head_dim is null, which transformers refuses too; give the numbers of a head"
    ),
    (
      ["model_type": "mistral", "num_key_value_heads": 2, "sliding_window": 0],
      "sliding_window must be a whole number from 1 to 1073741824, not 0"
    ),
    (
      ["model_type": "gemma2", "num_key_value_heads": 2, "sliding_window": -1],
      "sliding_window must be a whole number from 1 to 1073741824, not -1"
    ),
    (
      ["model_type": "gemma2", "num_key_value_heads": 2, "attn_logit_softcapping": 0],
      "attn_logit_softcapping must be a number from 1e-06 to 1000000.0, not 0"
    ),
    (
      ["model_type": "gemma3_text", "num_key_value_heads": 2, "rope_parameters": ["rope_theta": 1e6]],
      "rope_parameters.rope_theta: a Gemma3 model has parameters for full_attention and sliding_attention"
    ),
    (
      ["model_type": "gemma3_text", "num_key_value_heads": 2, "hidden_activation": "silu"],
      "hidden_activation 'silu' is not supported (supported: gelu_pytorch_tanh)"
    ),
    (
      ["model_type": "gemma3_text", "num_key_value_heads": 2, "use_bidirectional_attention": true],
      "use_bidirectional_attention: a model that sees what follows is no language model"
    ),
    (
      ["model_type": "granite", "residual_multiplier": .number(.infinity)],
      "residual_multiplier must be a number from 1e-06 to 1000000.0, not Infinity"
    ),
    (
      ["model_type": "smollm3", "num_key_value_heads": 2, "no_rope_layers": [2]],
      "no_rope_layers must hold a 0 or 1 for each of 1 layers"
    ),
    (
      ["model_type": "olmo3", "layer_types": ["full_attention", "full_attention"]],
      "layer_types names 2 layers, num_hidden_layers is 1"
    ),
    (
      ["model_type": "phi3", "partial_rotary_factor": 0.1],
      "partial_rotary_factor 0.1 turns 0 of a head's 2 numbers; it must be an even number"
    ),
  ]

  @Test func theLargestSizesDoNotOverflow() throws {
    let largest = try config([
      "vocab_size": 16_777_216, "hidden_size": 262_144, "intermediate_size": 1_048_576, "num_hidden_layers": 4096,
      "num_attention_heads": 4096, "head_dim": 4096,
    ])
    #expect(largest.architecture.parameterCount < Int.max / 16)
  }
}

/// What decides a forward pass.
@Suite struct ComputationTests {
  @Test(
    arguments: [
      ["rms_norm_eps": 1e-3], ["rope_theta": 5e5], ["num_attention_heads": 1], ["num_key_value_heads": 1],
      ["rope_scaling": ["type": "linear", "factor": 4]], ["rope_scaling": ["type": "dynamic", "factor": 4]],
      ["tie_word_embeddings": true], ["attention_bias": true], ["mlp_bias": true],
      ["rope_scaling": ["type": "yarn", "factor": 4]],
    ] as [[String: JSON]])
  func whateverChangesTheNumbersChangesIt(changes: [String: JSON]) throws {
    #expect(try config(changes).computation != config().computation)
  }

  @Test(
    arguments: [
      ["_name_or_path": "elsewhere"], ["max_position_embeddings": 4096], ["bos_token_id": 3], ["dtype": "bfloat16"],
      ["rope_theta": 10_000], ["rope_parameters": ["rope_type": "default", "rope_theta": 10_000]],
    ] as [[String: JSON]])
  func otherKeysAndSpellingsDoNot(changes: [String: JSON]) throws {
    #expect(try config(changes).computation == config().computation)
  }

  @Test func dynamicScalingDependsOnTheLongestContext() throws {
    func computation(_ positions: JSON) throws -> String {
      try config(["rope_scaling": ["type": "dynamic", "factor": 4], "max_position_embeddings": positions]).computation
    }
    #expect(try computation(512) != computation(1024))
  }
}
