extension LlamaConfig {
  /// The architectures that are read, by the names that `config.json` has for them as `model_type`. Each is a ``Family``.
  public enum ModelType: String, Sendable, CaseIterable {
    case llama, mistral, ministral, qwen2, qwen3, smollm3, granite, olmo2, olmo3, phi3, gemma2
    case gemma3 = "gemma3_text"
  }
}

extension LlamaConfig.ModelType {
  /// What models of the type compute, and what transformers assumes where their `config.json` is silent.
  public var family: Family {
    switch self {
    case .llama:
      Family(className: "Llama", maxPositions: 2048, tokens: .init(bos: 1, eos: 2), biases: [.attention, .feedForward])
    case .mistral:
      Family(
        className: "Mistral", maxPositions: 131_072, keyHeadCount: 8, tokens: .init(bos: 1, eos: 2),
        sliding: .everywhere(window: 4096))
    case .ministral:
      Family(
        className: "Ministral", maxPositions: 131_072, keyHeadCount: 8, tokens: .init(bos: 1, eos: 2),
        sliding: .listed(window: 4096, fullEvery: nil))
    case .qwen2:
      Family(
        className: "Qwen2", maxPositions: 32768, keyHeadCount: 32, biases: [.always], sliding: .onDemand(window: 4096))
    case .qwen3:
      Family(
        className: "Qwen3", maxPositions: 32768, keyHeadCount: 32, headSize: 128, biases: [.attention],
        sliding: .onDemand(window: 4096), queryKeyNorm: .heads)
    case .smollm3:
      Family(
        className: "SmolLM3", maxPositions: 32768, keyHeadCount: 4, ropeTheta: 2e6, tiesEmbeddings: true,
        tokens: .init(bos: 128_000, eos: 128_001, pad: 128_004), biases: [.attention, .feedForward],
        sliding: .withoutRotary, hasLayersWithoutRotary: true)
    case .granite:
      Family(
        className: "Granite", maxPositions: 2048, tokens: .init(bos: 1, eos: 2), biases: [.attention, .feedForward],
        hasMultipliers: true)
    case .olmo2:
      Family(
        className: "Olmo2", maxPositions: 2048, normEpsilon: 1e-5, tokens: .init(bos: nil, eos: 50279, pad: 1),
        biases: [.attention], norms: .after, queryKeyNorm: .whole)
    case .olmo3:
      Family(
        className: "Olmo3", maxPositions: 2048, normEpsilon: 1e-5, ropeTheta: 500_000, slidingRopeTheta: 500_000,
        tokens: .init(bos: nil, eos: 50279, pad: 1), biases: [.attention], sliding: .listed(window: 4096, fullEvery: 4),
        norms: .after, queryKeyNorm: .whole)
    case .phi3:
      Family(
        className: "Phi3", maxPositions: 4096, originalMaxPositions: 4096, normEpsilon: 1e-5,
        tokens: .init(bos: 1, eos: 32000, pad: 32000), sliding: .everywhere(window: nil), fusesProjections: true,
        turnsPartly: true)
    case .gemma2:
      Family(
        className: "Gemma2", maxPositions: 8192, keyHeadCount: 4, headSize: 256, tiesEmbeddings: true,
        tokens: .init(bos: 2, eos: 1, pad: 0), biases: [.attention], sliding: .listed(window: 4096, fullEvery: 2),
        norms: .around, normOffset: 1, activation: .geluTanh, gemma: .init(attentionCap: 50, logitCap: 30))
    case .gemma3:
      Family(
        className: "Gemma3", headedClassName: "Gemma3Text", maxPositions: 131_072, keyHeadCount: 4, headSize: 256,
        ropeTheta: 1e6,
        slidingRopeTheta: 10_000,
        slidingRopeKey: "rope_local_base_freq", tiesEmbeddings: true, tokens: .init(bos: 2, eos: 1, pad: 0),
        biases: [.attention], sliding: .listed(window: 4096, fullEvery: 6, key: "sliding_window_pattern"),
        norms: .around, normOffset: 1,
        queryKeyNorm: .heads, activation: .geluTanh, gemma: .init(attentionCap: nil, logitCap: nil))
    }
  }
}
