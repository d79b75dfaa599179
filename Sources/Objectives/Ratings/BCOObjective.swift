/// Binary classifier optimization (Jung et al. 2024, arXiv 2404.04656): each rated answer counts once, and its reward is compared
/// with the mean of all rewards that training has seen, those of its own batch among them, as TRL 1.12 has it
/// (there the micro-batch's).
///
/// An example is one sequence. The columns `label` and `reference` say whether its answer is good, and what the reference
/// makes of it.
public struct BCOObjective: SequenceObjective {
  /// The loss of an answer.
  public let answer: BCOLoss
  /// The rewards of all batches until now: their sum, and how many they are.
  private var rewards = (sum: 0.0, count: 0.0)

  /// The objective of a loss, before any batch.
  public init(_ loss: BCOLoss) { answer = loss }

  /// δ: the mean of all rewards until now.
  public var shift: Double { rewards.count > 0 ? rewards.sum / rewards.count : 0 }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// Adds the batch's rewards. All of them are needed before the first slope can be said, hence a forward of their own: where a
  /// batch is more than one micro-batch, no activations are kept for so long.
  public mutating func note(_ examples: [ScoredExample], values: () throws -> [[[Float]]]) throws {
    for (example, values) in zip(examples, try values()) {
      rewards.sum += answer.beta * (values[0].reduce(0.0) { $0 + Double($1) } - example.only(.reference))
      rewards.count += 1
    }
  }

  /// The sum of the rewards, and how many they are.
  public var memory: [String: Double] { ["reward_sum": rewards.sum, "reward_count": rewards.count] }

  /// Takes up the rewards of a checkpoint.
  public mutating func recall(_ memory: [String: Double]) throws {
    guard let sum = memory["reward_sum"], let count = memory["reward_count"], sum.isFinite, count >= 0 else {
      throw ObjectiveError("the sum of the rewards and their number are missing")
    }
    rewards = (sum, count)
  }

  /// The answer's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    let isGood = example.only(.label) == 1
    let logRatio = sums[0] - example.only(.reference)
    let (loss, slope) = answer(logRatio: logRatio, shift: shift, isGood: isGood)
    let reward = answer.beta * logRatio
    return SequenceLoss(
      loss: loss, slopes: [slope], metrics: Rated.metrics(isGood, reward, logps: sums[0], ("delta", shift)))
  }

  /// The margin between good answers and bad ones.
  public func figures(from means: [String: Double]) -> [String: Double] { Rated.figures(from: means) }
}
