import Llama
import ModelFiles
import Testing

@testable import Training

@Suite struct MemoryEstimateTests {
  private typealias Part = MemoryEstimate.Part

  private let plan: MemoryPlan
  private let count = 58_073_600
  private let libtorch = Part("libtorch at work", 40_000_000)

  init() throws {
    plan = MemoryPlan(
      try LlamaConfig(json: [
        "model_type": "llama", "vocab_size": 32000, "hidden_size": 512, "intermediate_size": 1376,
        "num_hidden_layers": 8, "num_attention_heads": 8, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
        "tie_word_embeddings": false,
      ]))
  }

  private func estimate(_ change: (inout MemoryPlan) -> Void = { _ in }) -> MemoryEstimate {
    var plan = plan
    change(&plan)
    return MemoryEstimate(plan)
  }

  private func bytes(_ name: String, _ estimate: MemoryEstimate) -> Int? {
    estimate.parts.first { $0.name == name }?.bytes
  }

  @Test func allWeightsTakeSixteenBytesEach() {
    let whole = estimate()
    #expect(
      whole.held == [
        Part("weights", 4 * count), Part("gradients", 4 * count), Part("moving reference", 0), libtorch,
      ])
    #expect(bytes("moments", whole) == 8 * count && bytes("moving reference", whole) == nil)
    #expect(bytes("moments", estimate { $0.moments = .eightBits }) == 2 * (count + 4 * count / 256))
    #expect(bytes("moving reference", estimate { $0.movesReference = true }) == 4 * count)
    #expect(whole.total == whole.parts.reduce(0) { $0 + $1.bytes } && whole.needed == whole.total)
    let begun = estimate { $0.present = [Part("program", 1000)] }
    #expect(begun.total == whole.total + 1000 && begun.needed == whole.needed)
  }

  /// Of a small batch a rank computes its share, and at most one example's tokens beyond that.
  @Test func ranksComputeTheirShareOfABatch() {
    func activations(_ ranks: Int, batch: Int, microTokens: Int = 2048) -> Int? {
      bytes(
        "activations",
        estimate { ($0.ranks, $0.largestBatch, $0.longest, $0.microTokens) = (ranks, batch, 600, microTokens) })
    }
    #expect(activations(4, batch: 2400) == activations(1, batch: .max, microTokens: 1200))
    #expect(
      activations(1, batch: 2400) == activations(1, batch: .max)
        && activations(2, batch: 700) == activations(1, batch: 700))
    #expect(activations(4, batch: 32_000) == activations(1, batch: .max) && activations(2, batch: .max) != nil)
  }

  @Test func anAdapterTrainsBesideItsBase() {
    let adapted = estimate {
      $0.adapter = AdapterSize(parameterCount: 1000, baseBytes: 70_000_000)
      $0.movesReference = true
    }
    #expect(
      adapted.held == [
        Part("frozen weights", 70_000_000), Part("adapter", 4000), Part("gradients", 4000),
        Part("moving reference", 4000), libtorch,
      ])
    #expect(bytes("moments", adapted) == 8000)
    // What is narrow is widened for products, 16 MB at a time.
    #expect(bytes("matrices on their way", adapted) == 1 << 24)
    #expect(bytes("matrices on their way", estimate()) == nil)
    #expect(bytes("matrices on their way", estimate { $0.dtype = .bfloat16 }) == 2 * 32000 * 512)
  }

  @Test func ranksKeepPartsOfWhatTheySplit() {
    let whole = estimate()
    let optimizer = estimate { ($0.ranks, $0.sharding) = (4, .optimizer) }
    #expect(optimizer.held == whole.held && bytes("moments", optimizer) == 2 * count)
    let all = estimate { ($0.ranks, $0.sharding) = (4, .all) }
    #expect(bytes("weights", all) == count && bytes("gradients", all) == count && bytes("moments", all) == 2 * count)
    #expect(bytes("others' part in use", whole) == nil)
    let adapted = estimate {
      ($0.ranks, $0.sharding, $0.movesReference) = (2, .all, true)
      $0.adapter = AdapterSize(parameterCount: 1000, baseBytes: 70_000_000)
    }
    #expect(
      adapted.held == [
        Part("frozen weights", 35_000_000), Part("adapter", 2000), Part("gradients", 2000),
        Part("moving reference", 2000), libtorch,
      ])
    #expect(bytes("moments", adapted) == 4000)
    // One process keeps all, whatever is asked.
    #expect(estimate { $0.sharding = .all }.total == whole.total)
  }

  @Test func theBusiestTimeCounts() throws {
    let training = estimate()
    let caches = estimate { $0.answers = MemoryPlan.Answers(count: 64, tokens: 4000, groupSize: 2) }
    #expect(bytes("keys and values of answers", caches) == 64 * 4000 * 8 * 2 * 512 * 4)
    #expect(bytes("activations", caches) == nil && bytes("moments", caches) == 8 * count)
    let prompted = estimate {
      $0.answers = MemoryPlan.Answers(count: 64, tokens: 4000, groupSize: 2)
      $0.longest = 8100
    }
    #expect(bytes("keys and values of answers", prompted) == 64 * 4100 * 8 * 2 * 512 * 4)
    let few = estimate { $0.answers = MemoryPlan.Answers(count: 1, tokens: 10, groupSize: 2) }
    #expect(few.total == training.total && bytes("activations", few) == bytes("activations", training))
    // A reference that scores before training is there beside weights and gradients, and before the moments.
    #expect(estimate { $0.scoring = 4 * count }.total == training.total)
    let large = estimate { $0.scoring = 4 * 6_738_415_616 }
    #expect(bytes("scoring reference", large) == 4 * 6_738_415_616 && bytes("moments", large) == nil)
    let measured = estimate { $0.measuring = [Part("reference of answers", 1 << 40)] }
    #expect(bytes("reference of answers", measured) == 1 << 40)
    #expect(bytes("reward models", estimate { $0.beside = [Part("reward models", 17)] }) == 17)
  }

  @Test func activationsGrowWithTheTokens() throws {
    let (one, two) = (estimate { $0.microTokens = 1000 }, estimate { $0.microTokens = 2000 })
    let activations = try [one, two].map { try #require(bytes("activations", $0)) }
    #expect(activations[1] == 2 * activations[0])
  }

  @Test func longerSequencesComputeLayersAgainInsteadOfTakingMore() throws {
    let memory = ActivationMemory(plan.config)
    let budget = plan.activationBudget(free: .max)
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
    let memory = ActivationMemory(plan.config)
    let need = estimate().total
    func recomputed(free: Int) -> Int {
      memory.recomputedLayers(tokens: 2048, budget: plan.activationBudget(free: free))
    }
    #expect(recomputed(free: need * 2) == 0)
    #expect(recomputed(free: need) > 0)
    #expect(recomputed(free: 0) == plan.config.layerCount)
  }

  @Test func readsAsALine() {
    #expect(
      estimate().description
        == "about 1.56 GB: 232 MB weights, 232 MB gradients, 40 MB libtorch at work, 465 MB moments, "
        + "382 MB activations, 79 MB a layer at work, 131 MB logits")
    #expect(MemoryEstimate.text(1_234_567) == "1.2 MB" && MemoryEstimate.text(9_960_000) == "10 MB")
    #expect(MemoryEstimate.text(999_600_000) == "1.0 GB" && MemoryEstimate.text(1_254_000_000) == "1.25 GB")
    #expect(MemoryEstimate.text(9_996_000_000) == "10.0 GB" && MemoryEstimate.text(27_640_000_000) == "27.6 GB")
  }
}
