import ModelFiles
import Testing

@testable import Training

@Suite struct MemoryEstimateTests {
  private func config() throws -> LlamaConfig {
    try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 32000, "hidden_size": 512, "intermediate_size": 1376,
      "num_hidden_layers": 8, "num_attention_heads": 8, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
      "tie_word_embeddings": false,
    ])
  }

  @Test func parametersTakeSixteenBytesEach() throws {
    #expect(try MemoryEstimate(config(), tokens: 2048, keeping: .everything).parameters == 16 * 58_073_600)
  }

  @Test func activationsGrowWithTheTokens() throws {
    let (one, two) = (
      try MemoryEstimate(config(), tokens: 1000, keeping: .everything),
      try MemoryEstimate(config(), tokens: 2000, keeping: .everything)
    )
    #expect(two.activations == 2 * one.activations && two.workspace == 2 * one.workspace)
  }

  @Test func layersAreComputedAgainWhereMemoryIsShort() throws {
    let config = try config()
    let everything = MemoryEstimate(config, tokens: 8192, keeping: .everything)
    let all = everything.total
    #expect(MemoryEstimate.keeping(config, tokens: 8192, free: all * 2) == .everything)
    #expect(MemoryEstimate.keeping(config, tokens: 8192, free: all) == .layerInputs)
    let inputs = MemoryEstimate(config, tokens: 8192, keeping: .layerInputs)
    #expect(inputs.activations * 10 < everything.activations && inputs.total < all)
  }

  @Test func readsAsALine() throws {
    #expect(
      try MemoryEstimate(config(), tokens: 2048, keeping: .everything).description
        == "about 1.5 GB: 0.9 parameters, 0.4 activations, 0.1 one layer at work, 0.1 logits")
  }
}
