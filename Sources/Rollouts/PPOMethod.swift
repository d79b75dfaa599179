import Alignment
import Datasets
import JSON
import Objectives
import Training

/// Proximal policy optimization (Schulman et al. 2017, arXiv 1707.06347) of a language model: each token has a reward, what leaving
/// the reference costs there, and the last one the answer's score besides; a value model says what was to be expected.
///
/// The log-probabilities that the ratio is taken to are the trainer's own, computed once before the first step of a rollout, so
/// that the first ratio is 1 to the bit.
public struct PPOMethod: OnlineMethod {
  /// Over what advantages are brought to mean 0 and variance 1.
  public enum WhiteningScope: String, Sendable, CaseIterable {
    /// All tokens of a rollout, as in TRL.
    case rollout
    /// Those of each mini-batch, as in EasyLM.
    case miniBatch = "mini-batch"
    /// Not at all.
    case none
  }

  /// How advantages come from scores.
  public struct Settings: Sendable, Equatable {
    /// How often each rollout is gone through, and in how many steps.
    public var (iterations, miniBatches) = (1, 1)
    /// The discount of what comes later (γ), and how far what comes later is looked at itself (λ).
    public var (gamma, lambda) = (1.0, 0.95)
    /// How the divergence at each token is estimated; nil where it is in the loss and not in the reward.
    public var estimator: KLEstimator? = .k1
    /// What becomes of the score of an answer without an end; nil for nothing.
    public var missingEnd: MissingEnd?
    /// Whether the score lies one place behind an answer that has ended, as in TRL.
    public var scoresPastEnd = false
    /// Over what advantages are whitened, and with which ε.
    public var (whitening, epsilon) = (WhiteningScope.rollout, 1e-8)
    /// Whether the rewards of tokens are whitened too; they keep their mean.
    public var whitensRewards = false
    /// What answers count that a narrow copy gives; nil where the weights in training give them.
    public var correction: SamplingCorrection?
    /// The seed of the order in which a rollout is gone through again.
    public var seed: UInt64 = 42

    /// TRL's but for the number of steps.
    public init() {}
  }

  private let settings: Settings
  private var controller: KLController
  private let policy: BatchPass
  private let reference: BatchPass?
  private let values: BatchPass

  /// A method.
  /// - Parameters:
  ///   - controller: what leaving the reference costs.
  ///   - policy: scores answers with the weights as they are.
  ///   - reference: the same by the reference; nil where nothing is compared with one.
  ///   - values: the value model's numbers.
  public init(
    _ settings: Settings, _ controller: KLController, policy: BatchPass, reference: BatchPass?, values: BatchPass
  ) {
    (self.settings, self.controller) = (settings, controller)
    (self.policy, self.reference, self.values) = (policy, reference, values)
  }

  /// One for each mini-batch and iteration.
  public var stepsPerRollout: Int { settings.iterations * settings.miniBatches }

  /// β, which may have been adapted.
  public var state: JSON { controller.target == nil ? .null : ["coefficient": .number(controller.coefficient)] }

  /// Puts β back.
  public mutating func restore(_ state: JSON) throws {
    guard let target = controller.target, state != .null else { return }
    guard let coefficient = state["coefficient"]?.double else { throw TrainingError("it has no coefficient of the KL") }
    controller = try KLController(adaptive: coefficient, target: target, horizon: controller.horizon)
  }

  /// The answers with old log-probabilities and values, advantages and returns.
  public mutating func batches(of rollout: Rollout) throws -> OnlineBatches {
    var examples = rollout.groups.map { group in
      TrainingExample(
        sequences: group.answers.map { $0.sequence(behind: group.prompt.tokens) }, location: group.prompt.location)
    }
    let parts = examples.indices.divided(into: settings.miniBatches)
    try policy.add(.oldLogProbability, to: &examples, in: parts)
    try reference?.add(.referenceLogProbability, to: &examples, in: parts)
    try values.add(.oldValue, to: &examples, in: parts)

    var estimate = TokenEstimate(settings, coefficient: controller.coefficient)
    for (group, example) in zip(rollout.groups, examples) {
      for place in group.answers.indices { estimate.add(group, place, example) }
    }
    estimate.finish(parts: parts.map { part in part.reduce(0) { $0 + rollout.groups[$1].answers.count } })
    var place = 0
    for index in examples.indices {
      let own = place..<place + examples[index].sequences.count
      examples[index].columns[.advantage] = Array(estimate.advantages[own])
      examples[index].columns[.return] = Array(estimate.returns[own])
      if estimate.isMasked[own].contains(true) {
        examples[index].columns[.isMasked] = estimate.isMasked[own].map { [$0 ? 1 : 0] }
      }
      place = own.upperBound
    }
    let correction = settings.correction?.weigh(&examples, of: rollout) ?? [:]
    let figures = estimate.figures(controller.coefficient).merging(correction, uniquingKeysWith: { $1 })
    if let divergence = figures["objective/kl"] { controller.update(divergence: divergence, answers: place) }
    if stepsPerRollout == 1 {
      for index in examples.indices { examples[index].columns[.oldLogProbability] = nil }
    }
    return OnlineBatches(
      examples: examples, order: order(of: examples.count, parts, rollout.number), figures: figures,
      samples: rollout.samples())
  }

  /// The first pass goes through the rollout in its order; later ones shuffle it, unless mini-batches belong together.
  private func order(of count: Int, _ parts: [Range<Int>], _ rollout: Int) -> [[Int]] {
    (0..<settings.iterations).flatMap { iteration -> [[Int]] in
      var places = Array(0..<count)
      if iteration > 0, settings.whitening != .miniBatch {
        let number = UInt64(bitPattern: Int64(rollout * settings.iterations + iteration))
        var generator = SplitMix64(seed: settings.seed &+ number &* 0x9E37_79B9_7F4A_7C15)
        places.shuffle(using: &generator)
      }
      return parts.map { Array(places[$0]) }
    }
  }
}
