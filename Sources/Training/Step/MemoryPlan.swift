import Llama
import ModelFiles
import Torch

/// What a run does, as far as its memory goes.
public struct MemoryPlan: Sendable {
  /// The shape of the model in training.
  public var config: LlamaConfig
  /// What trains while the model's own parameters are frozen; nil where they train.
  public var adapter: AdapterSize?
  /// What products are computed in.
  public var dtype = DType.float32
  /// How the optimizer keeps its moments.
  public var moments = AdamW.MomentFormat.float32
  /// What gradients are summed in.
  public var gradients = DType.float32
  /// The ranks that train together.
  public var ranks = 1
  /// What they split of the state.
  public var sharding = Sharding.none
  /// The most tokens that are computed at once.
  public var microTokens = 2048
  /// The tokens of the longest example, which is computed alone where it has more.
  public var longest = 0
  /// The most tokens of a batch.
  public var largestBatch = Int.max
  /// The most bytes of activations that are kept for a backward.
  public var activationBytes = Int.max
  /// Whether a reference moves with what trains, and so stays in memory.
  public var movesReference = false
  /// The bytes of another model that scores the data before training.
  public var scoring = 0
  /// Models and copies that stay in memory beside all that.
  public var beside: [MemoryEstimate.Part] = []
  /// The answers that it learns from, where it gives them itself.
  public var answers: Answers?
  /// Models and copies that are there while answers to held-out prompts are measured.
  public var measuring: [MemoryEstimate.Part] = []
  /// What the process has taken already.
  public var present: [MemoryEstimate.Part] = []

  /// Answers that a model gives while it is trained.
  public struct Answers: Sendable {
    /// How many are given at once.
    public let count: Int
    /// The most tokens of one.
    public let tokens: Int
    /// How many an example holds.
    public let groupSize: Int

    /// So many at once of so many tokens.
    public init(count: Int, tokens: Int, groupSize: Int) {
      (self.count, self.tokens, self.groupSize) = (count, tokens, groupSize)
    }
  }

  /// The ranks that keep the moments together.
  var momentShards: Int { sharding == .none ? 1 : ranks }
  /// The ranks that keep models together.
  var modelShards: Int { sharding == .all ? ranks : 1 }

  /// The most tokens of a batch that are one rank's. An example goes to the rank in whose share of the tokens its middle lies.
  var largestShare: Int { ranks == 1 ? largestBatch : min(largestBatch, largestBatch / ranks + longest) }

  /// Training all weights of a model in float32.
  public init(_ config: LlamaConfig) { self.config = config }

  /// The bytes for activations, as `ActivationMemory` counts them, that a run should keep to: what `microTokens` tokens need
  /// where no layer is computed twice, or what most of the free memory has room for. So memory does not follow the length of
  /// the data.
  public func activationBudget(free: Int = SystemMemory.available) -> Int {
    var plan = self
    (plan.longest, plan.activationBytes, plan.present) = (0, .max, [])
    let whole = ActivationMemory(config).total(tokens: microTokens, recomputing: 0)
    return min(whole, free / 10 * 8 - (MemoryEstimate(plan).training - whole))
  }
}

/// What an adapter's training asks of the memory.
public struct AdapterSize: Sendable {
  /// The numbers that train.
  public let parameterCount: Int
  /// The bytes of the weights that they leave as they are.
  public let baseBytes: Int

  /// An adapter of so many numbers beside a base of so many bytes.
  public init(parameterCount: Int, baseBytes: Int) {
    (self.parameterCount, self.baseBytes) = (parameterCount, baseBytes)
  }
}
