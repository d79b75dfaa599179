import Llama
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
    #expect(try MemoryEstimate(config(), microTokens: 2048).parameters == 16 * 58_073_600)
  }

  @Test func activationsGrowWithTheTokens() throws {
    let (one, two) = (try MemoryEstimate(config(), microTokens: 1000), try MemoryEstimate(config(), microTokens: 2000))
    #expect(two.activations == 2 * one.activations && two.workspace == 2 * one.workspace)
  }

  @Test func longerSequencesComputeLayersAgainInsteadOfTakingMore() throws {
    let config = try config()
    let memory = ActivationMemory(config)
    let budget = MemoryEstimate.activationBudget(config, microTokens: 2048, free: .max)
    #expect(budget == memory.total(tokens: 2048, recomputing: 0))
    #expect(memory.recomputedLayers(tokens: 2048, budget: budget) == 0)
    #expect(memory.recomputedLayers(tokens: 2049, budget: budget) == 1)
    let recomputed = [3000, 4096, 6000, 8192].map { memory.recomputedLayers(tokens: $0, budget: budget) }
    #expect(recomputed == recomputed.sorted() && (recomputed.first ?? 0) > 1)
    for (tokens, layers) in zip([3000, 4096, 6000, 8192], recomputed) {
      #expect(memory.total(tokens: tokens, recomputing: layers) <= budget)
      #expect(memory.total(tokens: tokens, recomputing: layers - 1) > budget)
    }
  }

  @Test func layersAreComputedAgainWhereMemoryIsShort() throws {
    let config = try config()
    let need = MemoryEstimate(config, microTokens: 2048)
    let memory = ActivationMemory(config)
    func recomputed(free: Int) -> Int {
      memory.recomputedLayers(
        tokens: 2048, budget: MemoryEstimate.activationBudget(config, microTokens: 2048, free: free))
    }
    #expect(recomputed(free: need.total * 2) == 0)
    #expect(recomputed(free: need.total) > 0)
    #expect(recomputed(free: 0) == config.layerCount)
  }

  @Test func aLargerReferenceIsThereBesideTheModel() throws {
    let large = try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 32, "num_attention_heads": 32, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
    ])
    let alone = try MemoryEstimate(config(), microTokens: 2048)
    #expect(try MemoryEstimate(config(), reference: config(), microTokens: 2048).total == alone.total)
    let both = try MemoryEstimate(config(), reference: large, microTokens: 2048)
    #expect(both.scoring == 8 * 58_073_600 + 4 * 6_738_415_616)
    let error = #expect(throws: TrainingError.self) { try both.requireRoom(in: 16 << 30) }
    #expect(
      error?.description
        == "training needs about 27.6 GB: 27.4 parameters with the reference's, 0.1 one layer at work, 0.1 logits, and "
        + "this machine has 17.2 GB to give; a smaller reference needs less, or end other programs")
  }

  @Test func readsAsALine() throws {
    #expect(
      try MemoryEstimate(config(), microTokens: 2048).description
        == "about 1.5 GB: 0.9 parameters, 0.4 activations, 0.1 one layer at work, 0.1 logits")
  }
}
