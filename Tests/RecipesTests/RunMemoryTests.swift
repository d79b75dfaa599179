import Llama
import ModelFiles
import Testing
import Training

@testable import Recipes

/// What a run does not fit, and by which change it would.
@Suite struct RunMemoryTests {
  /// A recipe over a 7B model without weights, as a beginning run plans it.
  private func memory(
    _ config: LlamaConfig, ranks: Int = 1, _ change: (inout DPORecipe) -> Void = { _ in }
  ) throws -> RunMemory {
    var recipe = DPORecipe(model: "model", data: ["pairs.jsonl"], output: "run")
    change(&recipe)
    let count = config.architecture.parameterCount
    var memory = RunMemory(recipe, isAdapting: recipe.adapter.loraRank != nil, ranks: ranks) { recipe in
      var plan = MemoryPlan(config)
      (plan.ranks, plan.sharding) = (ranks, recipe.ranks.shard)
      let width = [AdapterSettings.BaseType.nf4: 1, .int8: 2, .bfloat16: 4][recipe.adapter.baseType] ?? 8
      plan.adapter = recipe.adapter.config(base: "model", of: config).map {
        AdapterSize(parameterCount: $0.parameterCount(for: config), baseBytes: width * count / 2)
      }
      return plan
    }
    memory.longest = 1024
    return memory
  }

  private func refusal(_ memory: RunMemory, gigabytes: Int) throws -> String {
    let error = #expect(throws: TrainingError.self) { try memory.requireRoom(in: gigabytes * 1_000_000_000) }
    return try #require(error).description
  }

  @Test func theSmallestChangeIsNamed() throws {
    let config = try LlamaConfigFixture.sevenBillion()
    let memory = try memory(config) { $0.optimization.recompute = .never }
    #expect(throws: Never.self) { try memory.requireRoom(in: 160_000_000_000) }
    for (gigabytes, remedy) in [
      (118, "'recompute' auto"), (109, "'micro-tokens' 256 'recompute' always"), (82, "'optimizer' adamw8bit"),
      (63, "'optimizer' adamw8bit 'gradient-dtype' bfloat16"),
      (41, "'lora-rank' 16"), (28, "'lora-rank' 16 'base-type' bfloat16"),
      (15, "'lora-rank' 16 'base-type' int8 'recompute' auto"), (8, "'lora-rank' 16 'base-type' nf4 'recompute' auto"),
    ] {
      let text = try refusal(memory, gigabytes: gigabytes)
      #expect(text.hasPrefix("training needs about 12"), "\(text)")
      #expect(text.contains("this machine has \(gigabytes).0 GB to give; with \(remedy)"), "\(gigabytes): \(text)")
    }
    let never = try refusal(memory, gigabytes: 1)
    #expect(never.contains("even with ") && never.hasSuffix("name a smaller model"), "\(never)")
  }

  /// What a remedy says is what the changed recipe's own run would say.
  @Test func theRemedyIsTheChangedRecipesEstimate() throws {
    let config = try LlamaConfigFixture.sevenBillion()
    let text = try refusal(memory(config) { $0.optimization.recompute = .never }, gigabytes: 41)
    let changed = try memory(config) {
      $0.optimization.recompute = .never
      $0.adapter.loraRank = 16
    }
    #expect(throws: Never.self) { try changed.requireRoom(in: 41_000_000_000) }
    #expect(
      try text.hasSuffix(
        "it needs about \(MemoryEstimate.text(MemoryEstimate(changed.settled(free: 41_000_000_000)).total))"), "\(text)"
    )
  }

  @Test func ranksMaySplitMore() throws {
    let config = try LlamaConfigFixture.sevenBillion()
    let four = try memory(config, ranks: 4)
    #expect(try refusal(four, gigabytes: 85).contains("; with 'shard' optimizer it needs"))
    #expect(try refusal(four, gigabytes: 40).contains("; with 'shard' all it needs"))
    // What answers while it trains cannot be kept in parts.
    let answering = try memory(config, ranks: 4) { $0.heldOut.evalAnswers = 1 }
    #expect(try !refusal(answering, gigabytes: 40).contains("'shard' all"))
  }

  @Test func adaptersNameANarrowerBase() throws {
    let memory = try memory(LlamaConfigFixture.sevenBillion()) { $0.adapter.loraRank = 8 }
    let text = try refusal(memory, gigabytes: 10)
    #expect(text.contains("; with 'base-type' int8") && !text.contains("lora-rank"), "\(text)")
  }
}
