import Foundation
import JSON
import ModelFiles

/// A model's shape in the words of llama.cpp.
extension LlamaConfig {
  /// The architecture that computes what this one does. Mistral is Llama but for its window.
  var ggufArchitecture: String {
    switch modelType {
    case .llama, .mistral, .ministral: "llama"
    case .qwen2: "qwen2"
    case .qwen3: "qwen3"
    case .smollm3: "smollm3"
    case .granite: "granite"
    // OLMo 3 is OLMo 2 with windows.
    case .olmo2, .olmo3: "olmo2"
    case .phi3: "phi3"
    case .gemma2: "gemma2"
    case .gemma3: "gemma3"
    }
  }

  /// The architecture's metadata.
  var ggufMetadata: TextKeyed<MetadataValue> {
    let known: KeyValuePairs<String, MetadataValue> = [
      "vocab_size": .number(vocabularySize),
      "context_length": .number(maxPositions),
      "embedding_length": .number(hiddenSize),
      "block_count": .number(layerCount),
      "feed_forward_length": .number(feedForwardSize),
      "attention.head_count": .number(headCount),
      "attention.head_count_kv": .number(keyHeadCount),
      "attention.key_length": .number(headSize),
      "attention.value_length": .number(headSize),
      "attention.layer_norm_rms_epsilon": .number(rmsNormEpsilon),
      "rope.dimension_count": .number(attention.lazy.compactMap { $0.rope?.size }.first ?? headSize),
      "rope.freq_base": .number(ropeTheta),
    ]
    let own = known.map { ($0.key, $0.value) } + ggufScaling + ggufWindows + ggufMultipliers
    return TextKeyed(own.map { ("\(ggufArchitecture).\($0.0)", $0.1) })
  }

  private var ggufScaling: [(String, MetadataValue)] {
    switch ropeScaling {
    case .none, .dynamic, .llama3: []
    case .linear(let factor): [("rope.scaling.type", .text("linear")), ("rope.scaling.factor", .number(factor))]
    case .yarn(let yarn):
      // llama.cpp makes the attention factor of the factor.
      [
        ("rope.scaling.type", .text("yarn")), ("rope.scaling.factor", .number(yarn.factor)),
        ("rope.scaling.original_context_length", .number(yarn.originalMaxPositions)),
        ("rope.scaling.yarn_beta_fast", .number(yarn.betaFast)),
        ("rope.scaling.yarn_beta_slow", .number(yarn.betaSlow)),
      ]
    case .longrope(let rope):
      [
        ("rope.scaling.original_context_length", .number(rope.originalMaxPositions)),
        ("rope.scaling.attn_factor", .number(rope.attentionFactor)),
      ]
    }
  }

  /// Windows, in the words of the architectures that have them.
  private var ggufWindows: [(String, MetadataValue)] {
    let window = ("attention.sliding_window", MetadataValue.number(slidingWindow ?? 0))
    let pattern = MetadataValue.bools(attention.map { $0.window != nil })
    switch modelType {
    // 0 tells Phi-4 from its elders.
    case .phi3, .gemma2: return [window]
    case .olmo3: return [window, ("attention.sliding_window_pattern", pattern)]
    case .gemma3:
      let local = attention.lazy.filter { $0.window != nil }.compactMap(\.rope?.theta).first ?? 10_000
      return [window, ("rope.freq_base_swa", .number(local))]
    case .llama, .mistral, .ministral, .qwen2, .qwen3, .smollm3, .granite, .olmo2: return []
    }
  }

  private var ggufMultipliers: [(String, MetadataValue)] {
    if modelType == .granite {
      return [
        ("attention.scale", .number(multipliers.attention ?? 1)), ("embedding_scale", .number(multipliers.embedding)),
        ("residual_scale", .number(multipliers.residual)), ("logit_scale", .number(multipliers.logitDivisor)),
      ]
    }
    return [
      ("attn_logit_softcapping", multipliers.attentionCap), ("final_logit_softcapping", multipliers.logitCap),
    ].compactMap { key, cap in cap.map { (key, .number($0)) } }
  }

  /// Tensors that divide rotary frequencies, where a file has such.
  var ggufRotaryTensors: [(name: String, factors: [Float])] {
    if case .longrope(let rope) = ropeScaling {
      return [
        ("rope_factors_long.weight", rope.long.map { Float($0) }),
        ("rope_factors_short.weight", rope.short.map { Float($0) }),
      ]
    }
    return ggufRotaryFactors.map { [("rope_freqs.weight", $0)] } ?? []
  }

  /// What each rotary frequency is divided by, for `rope_freqs.weight`; nil where it is the same for all.
  var ggufRotaryFactors: [Float]? {
    guard case .llama3(let factor, let low, let high, let original) = ropeScaling else { return nil }
    return (0..<headSize / 2).map { pair in
      let wavelength = 2 * Double.pi * pow(ropeTheta, Double(2 * pair) / Double(headSize))
      if wavelength < Double(original) / high { return 1 }
      if wavelength > Double(original) / low { return Float(factor) }
      let smooth = (Double(original) / wavelength - low) / (high - low)
      return Float(1 / ((1 - smooth) / factor + smooth))
    }
  }
}
