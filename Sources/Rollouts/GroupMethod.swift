import Alignment
import JSON
import Objectives
import Training

/// Groups of answers whose advantages come from one another, as in GRPO and RLOO: a prompt with its answers is one example, in
/// which the prompt is computed once.
public struct GroupMethod: OnlineMethod {
  /// How much better an answer is than was to be expected.
  public enum Estimate: Sendable, Equatable {
    /// GRPO: by the mean and deviation of its group.
    case relative(RewardScale)
    /// RLOO: by the mean of the group's others; β times the answer's log-ratio to the reference is subtracted from its reward
    /// before.
    case leaveOneOut(beta: Double, isNormalized: Bool)
  }

  private let estimate: Estimate
  private let iterations: Int
  private let miniBatches: Int
  private let masksTruncated: Bool
  private let correction: SamplingCorrection?
  private let policy: BatchPass
  private let reference: BatchPass?

  /// Groups of answers.
  /// - Parameters:
  ///   - iterations: how often each rollout is gone through.
  ///   - miniBatches: into how many steps its prompts are divided.
  ///   - masksTruncated: whether answers without an end teach nothing.
  ///   - correction: what answers count that a narrow copy gives; nil where the weights in training give them.
  ///   - policy: scores answers with the weights as they are, as the objective sees them.
  ///   - reference: the same by the reference; nil where nothing is compared with one.
  public init(
    _ estimate: Estimate, iterations: Int = 1, miniBatches: Int = 1, masksTruncated: Bool = false,
    correction: SamplingCorrection? = nil, policy: BatchPass, reference: BatchPass?
  ) {
    (self.estimate, self.iterations, self.miniBatches) = (estimate, iterations, miniBatches)
    (self.masksTruncated, self.correction) = (masksTruncated, correction)
    (self.policy, self.reference) = (policy, reference)
  }

  /// One for each mini-batch and iteration.
  public var stepsPerRollout: Int { iterations * miniBatches }

  /// Whether what leaving the reference costs is taken from rewards; otherwise it is in the loss, or nowhere.
  private var takesCostFromReward: Bool { if case .leaveOneOut = estimate { reference != nil } else { false } }

  /// The groups with their advantages, and what the policy that sampled them and the reference say of each token.
  public func batches(of rollout: Rollout) throws -> OnlineBatches {
    var examples = rollout.groups.map { group in
      TrainingExample(
        sequences: group.answers.map { $0.sequence(behind: group.prompt.tokens) }, location: group.prompt.location)
    }
    let parts = examples.indices.divided(into: miniBatches)
    try reference?.add(.referenceLogProbability, to: &examples, in: parts)
    if stepsPerRollout > 1 || takesCostFromReward || correction != nil {
      try policy.add(.oldLogProbability, to: &examples, in: parts)
    }
    var figures = correction?.weigh(&examples, of: rollout) ?? [:]
    let advantages: [[Double]]
    switch estimate {
    case .relative(let scale): advantages = Advantages.groupRelative(rollout.groups.map(\.rewards), scale: scale)
    case .leaveOneOut(let beta, let isNormalized):
      var rewards = rollout.groups.map(\.rewards)
      if takesCostFromReward {
        let divergences = examples.map(\.divergences)
        figures["kl"] = divergences.joined().reduce(0, +) / Double(max(1, examples.map(\.scoredCount).reduce(0, +)))
        rewards = zip(rewards, divergences).map { zip($0, $1).map { reward, kl in reward.map { $0 - beta * kl } } }
      }
      advantages = Advantages.leaveOneOut(rewards, isNormalized: isNormalized)
    }
    // With one step a rollout the weights are still those before it, and ρ is 1 to the bit without being computed.
    if stepsPerRollout == 1 {
      for index in examples.indices { examples[index].columns[.oldLogProbability] = nil }
    }
    for (index, group) in rollout.groups.enumerated() {
      examples[index].columns[.advantage] = advantages[index].map { [$0] }
      guard masksTruncated, group.answers.contains(where: { !$0.hasEnded }) else { continue }
      examples[index].columns[.isMasked] = group.answers.map { [$0.hasEnded ? 0 : 1] }
    }
    return OnlineBatches(
      examples: examples, order: (0..<iterations).flatMap { _ in parts.map(Array.init) }, figures: figures,
      samples: rollout.samples(adding: [("advantage", advantages)]))
  }
}

extension TrainingExample {
  /// Σ log π − log π_ref over each answer: an estimate (k1) of the divergence.
  fileprivate var divergences: [Double] {
    zip(columns[.oldLogProbability] ?? [], columns[.referenceLogProbability] ?? []).map { own, other in
      zip(own, other).reduce(0) { $0 + ($1.0 - $1.1) }
    }
  }
}

extension BatchPass {
  /// Adds each place's number to examples as a column. They are cut as training will cut them, so that a model whose weights are
  /// still the same repeats its arithmetic.
  func add(_ column: Column, to examples: inout [TrainingExample], in parts: [Range<Int>]) throws {
    for part in parts {
      for (index, values) in zip(part, try values(of: Array(examples[part]))) {
        examples[index].columns[column] = values.map { $0.map(Double.init) }
      }
    }
  }
}

extension Range<Int> {
  /// Consecutive parts of nearly one size.
  func divided(into count: Int) -> [Range<Int>] {
    (0..<count).map { lowerBound + self.count * $0 / count..<lowerBound + self.count * ($0 + 1) / count }
  }
}
