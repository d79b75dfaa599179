import Alignment
import JSON
import Rewards
import Text
import Training

/// Batches made of answers that the policy has just given: prompts, answers, their rewards, and what a method makes of them.
///
/// A rollout depends on the weights, the seed and its number alone, so a resumed run repeats it bit for bit. Where a rollout is
/// trained on in several steps, a checkpoint between them holds what is left of it.
public struct Rollouts: BatchSource {
  /// The steps of the whole run.
  public let totalSteps: Int
  /// That of the prompts in their order; seed and sizes are settings of the run.
  public let fingerprint: String

  private let prompts: [Prompt]
  private let order: EpochOrder
  private let answering: RewardedAnswers
  private var method: any OnlineMethod
  private var current: (number: Int, batches: OnlineBatches)?

  /// Rollouts over prompts.
  /// - Parameters:
  ///   - order: which prompts each rollout takes.
  ///   - epochs: passes over the prompts; a fraction ends within one.
  ///   - maxSteps: the most steps, where that is fewer than the epochs have.
  ///   - fingerprint: that of the examples which the prompts are of.
  ///   - answering: how prompts are answered, and the answers rewarded.
  ///   - method: what is made of rewarded answers.
  public init(
    _ prompts: [Prompt], in order: EpochOrder, epochs: Double, maxSteps: Int? = nil, fingerprint: String,
    answering: RewardedAnswers, towards method: any OnlineMethod
  ) {
    (self.prompts, self.order, self.fingerprint) = (prompts, order, fingerprint)
    (self.answering, self.method) = (answering, method)
    let steps = order.steps(epochs: epochs) * method.stepsPerRollout
    totalSteps = maxSteps.map { min($0, steps) } ?? steps
  }

  /// The batch of the step that `step` others precede. The first one of a rollout has what was measured of it, and its samples.
  public mutating func batch(after step: Int) throws -> SourcedBatch {
    let (number, part) = step.quotientAndRemainder(dividingBy: method.stepsPerRollout)
    let (epoch, place) = number.quotientAndRemainder(dividingBy: order.batchesPerEpoch)
    var made: OnlineBatches?
    if current?.number != number {
      let own = order.batches(epoch: epoch)[place].map { prompts[$0] }
      let rollout = try answering.rollout(of: own, number: number)
      made = try method.batches(of: rollout)
      made?.figures.merge(rollout.figures, uniquingKeysWith: { $1 })
      current = made.map { (number, $0) }
    }
    guard let batches = current?.batches else { throw TrainingError("a rollout has no batches") }
    let isLast = part == method.stepsPerRollout - 1
    let done = Double(place) + Double(part + 1) / Double(method.stepsPerRollout)
    var batch = SourcedBatch(
      examples: batches.order[part].map { batches.examples[$0] },
      epoch: Double(epoch) + done / Double(order.batchesPerEpoch),
      endsEpoch: isLast && place == order.batchesPerEpoch - 1)
    if let made {
      batch.figures = made.figures
      batch.samples = made.samples
    }
    // What is done with it would only be written again by every checkpoint.
    if isLast { current = nil }
    return batch
  }

  /// What is left of a rollout that is trained on in several steps, and what the method keeps; null where there is neither.
  public var state: JSON {
    var state: TextKeyed<JSON> = [:]
    if let current {
      state["rollout"] = .integer(current.number)
      state["batches"] = current.batches.json
    }
    if method.state != .null { state["method"] = method.state }
    return state.isEmpty ? .null : .object(state)
  }

  /// Puts a rollout and its method back as they were.
  public mutating func restore(_ state: JSON) throws {
    try method.restore(state["method"] ?? .null)
    guard state["rollout"] != nil else { return current = nil }
    guard let number = state["rollout"]?.int, let batches = OnlineBatches(json: state["batches"] ?? .null),
      batches.order.count == method.stepsPerRollout
    else { throw TrainingError("the rollout in it is not whole") }
    current = (number, batches)
  }
}
