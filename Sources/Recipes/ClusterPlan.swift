import Llama
import ModelFiles
import Torch
import Training
import Wording

/// What a training needs of each of several ranks, computed from the model's shape alone: memory by part, bytes that a step sends, and
/// the arithmetic of a step.
public struct ClusterPlan: Sendable {
  /// The model's shape.
  public let config: LlamaConfig
  /// The adapter that is trained; nil where all weights are.
  public var adapter: AdapterConfig?
  /// How the weights are kept that an adapter leaves as they are.
  public var baseFormat = FrozenFormat.bfloat16
  /// How the optimizer keeps its means.
  public var moments = AdamW.MomentFormat.float32
  /// What gradients of all weights are summed in, where this process has them alone or ranks keep the model together.
  public var gradients = DType.float32
  /// What ranks split of the state.
  public var sharding = Sharding.optimizer
  /// The ranks.
  public var ranks = 1
  /// Bytes of memory that each rank may take.
  public var memory: Int
  /// The data; steps of one average stand for them without it.
  public var data: PlannedData? {
    didSet {
      guard let data else { return }
      (tokensPerStep, longest) = (data.tokensPerStep, data.longest)
    }
  }
  /// Computed tokens of a step, of all ranks together.
  public var tokensPerStep = 32 * 1024
  /// Tokens of the longest example.
  public var longest = 2048
  /// The most tokens computed at once.
  public var microTokens = 2048

  /// A plan for a model on ranks of so many bytes each.
  public init(_ config: LlamaConfig, memory: Int) { (self.config, self.memory) = (config, memory) }

  /// The parameters that train.
  public var trainedCount: Int { adapter?.parameterCount(for: config) ?? config.architecture.parameterCount }

  /// What a rank needs, with as many layers computed again as its memory asks for.
  public var estimate: MemoryEstimate {
    var plan = MemoryPlan(config)
    plan.adapter = adapter.map {
      AdapterSize(
        parameterCount: $0.parameterCount(for: config),
        baseBytes: FrozenWeights.byteCount(of: config, format: baseFormat))
    }
    (plan.moments, plan.sharding, plan.ranks) = (moments, sharding, ranks)
    plan.gradients = adapter == nil && (ranks == 1 || sharding == .all) ? gradients : .float32
    (plan.microTokens, plan.longest) = (microTokens, longest)
    plan.largestBatch = data.map { min($0.batchSize, $0.lengths.count) * longest } ?? max(tokensPerStep, longest)
    plan.activationBytes = plan.activationBudget(free: memory)
    return MemoryEstimate(plan)
  }

  /// Whether a rank has the memory.
  public var fits: Bool { estimate.total <= memory }

  /// Bytes that each rank sends in a step, and as many that it receives: gradients to those that sum them, and sums or weights back.
  /// Where ranks keep the model together they do so in each micro-batch, with the weights forward and again backward.
  public var bytesSent: Int {
    func sent(_ bytes: Int) -> Int { bytes / ranks * (ranks - 1) }
    let trained = sent(4 * trainedCount)
    guard sharding == .all else { return 2 * trained }
    let passes =
      data?.passes(of: ranks, microTokens: microTokens)
      ?? Double(max(1, tokensPerStep.divided(by: ranks).divided(by: max(microTokens, 1))))
    let frozen = adapter == nil ? 0 : sent(FrozenWeights.byteCount(of: config, format: baseFormat))
    return Int(passes * Double(3 * trained + 2 * frozen))
  }

  /// Floating-point operations of a rank in a step: twice the parameters of its matrices a token forward and as many for each of
  /// the two gradients, of which an adapter's base needs one; attention over half of an example. Without data all examples are as
  /// long as the longest, and ranks have equal shares; with them it is the share of the rank that has the most to do.
  public var operations: Double {
    let passes = adapter == nil ? 3.0 : 2.0
    let again = Double(estimate.recomputedLayers) / Double(config.layerCount)
    let work = exampleWork(matrices: passes + again, attention: 3.5 + again)
    return data?.most(of: ranks, work) ?? work(longest) * Double(tokensPerStep) / Double(longest) / Double(ranks)
  }

  /// Operations of a rank for the reference's one pass over the data; nil where there is none.
  public var scoringOperations: Double? {
    guard let data, data.isCompared else { return nil }
    let work = exampleWork(matrices: 1, attention: 1)
    return data.lengths.reduce(0) { $0 + work($1) } / Double(ranks)
  }

  /// The operations for an example of so many tokens, where matrices and attention are gone through so often.
  private func exampleWork(matrices: Double, attention: Double) -> (Int) -> Double {
    let count = config.architecture.adaptable.reduce(0) { $0 + $1.count } + config.vocabularySize * config.hiddenSize
    let width = config.layerCount * config.hiddenSize
    return { length in 2 * Double(length) * (Double(count) * matrices + Double(width) * Double(length) * attention) }
  }

  /// The fewest ranks, of at most so many, whose memory is enough; nil where none are.
  public func fewestRanks(upTo most: Int = 4096) -> Int? {
    // More ranks never need more each.
    func fits(_ count: Int) -> Bool {
      var plan = self
      plan.ranks = count
      return plan.fits
    }
    guard fits(most) else { return nil }
    var (low, high) = (1, most)
    while low < high {
      let middle = (low + high) / 2
      if fits(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The least memory with which any number of ranks is enough.
  public var leastMemory: Int {
    var plan = self
    plan.ranks = 4096
    // With as little as this, all layers are computed again.
    plan.memory = 0
    return plan.estimate.total
  }
}
