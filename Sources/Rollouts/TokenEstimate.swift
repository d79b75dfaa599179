import Alignment
import JSON
import Objectives

/// What each token of a rollout's answers was worth against what was to be expected: rewards, advantages and returns.
struct TokenEstimate {
  private let settings: PPOMethod.Settings
  private let tokenRewards: TokenRewards
  private var rewards: [[Double]] = []
  private var values: [[Double]] = []
  private var tokenCounts: [Int] = []
  private var scores: [Double] = []
  private var penalties: [Double] = []
  private var divergences: [Double] = []
  private var surprises: [Double] = []
  private var endCount = 0

  /// For each answer, in order, a number a token.
  private(set) var advantages: [[Double]] = []
  /// The same, or one more where the score lies behind the end.
  private(set) var returns: [[Double]] = []
  /// Whether an answer teaches nothing: it has no score.
  private(set) var isMasked: [Bool] = []

  init(_ settings: PPOMethod.Settings, coefficient: Double) {
    self.settings = settings
    tokenRewards = TokenRewards(
      coefficient: settings.estimator == nil ? 0 : coefficient, estimator: settings.estimator ?? .k1)
  }

  /// Adds an answer.
  /// - Parameter example: holds what policy, reference and value model say of its tokens.
  mutating func add(_ group: AnsweredPrompt, _ place: Int, _ example: TrainingExample) {
    let old = example.columns[.oldLogProbability]?[place] ?? []
    let reference = example.columns[.referenceLogProbability]?[place] ?? old
    let hasEnded = group.answers[place].hasEnded
    var score = group.rewards[place]
    if !hasEnded, let known = score { score = settings.missingEnd?(known) ?? known }
    let isPastEnd = settings.scoresPastEnd && hasEnded
    rewards.append(tokenRewards(policy: old, reference: reference, score: score ?? 0, isPastEnd: isPastEnd))
    values.append(Array((example.columns[.oldValue]?[place] ?? []).prefix(rewards[rewards.count - 1].count)))
    tokenCounts.append(old.count)
    isMasked.append(score == nil)
    if hasEnded { endCount += 1 }
    surprises.append(-old.reduce(0, +))
    guard let score else { return }
    scores.append(score)
    penalties.append(tokenRewards.penalties(policy: old, reference: reference).reduce(0, +))
    divergences.append(zip(old, reference).reduce(0) { $0 + ($1.0 - $1.1) })
  }

  /// Estimates advantages and returns once all answers are there.
  /// - Parameter parts: the number of answers of each mini-batch.
  mutating func finish(parts: [Int]) {
    let known = isMasked.indices.filter { !isMasked[$0] }
    if settings.whitensRewards {
      let whitening = Whitening(keepsMean: true)
      for (index, own) in zip(known, whitening(known.map { rewards[$0] })) { rewards[index] = own }
    }
    advantages = tokenCounts.map { Array(repeating: 0, count: $0) }
    returns = rewards.map { $0.map { _ in 0 } }
    for index in known {
      let estimate = Advantages.generalized(
        rewards: rewards[index], values: values[index], gamma: settings.gamma, lambda: settings.lambda)
      // What lies behind the end is no token that could have been chosen otherwise.
      advantages[index] = Array(estimate.advantages.prefix(tokenCounts[index]))
      returns[index] = estimate.returns
    }
    var start = 0
    for count in settings.whitening == .rollout ? [isMasked.count] : parts where settings.whitening != .none {
      let own = known.filter { (start..<start + count).contains($0) }
      let whitened = Whitening(epsilon: settings.epsilon)(own.map { advantages[$0] })
      for (index, numbers) in zip(own, whitened) { advantages[index] = numbers }
      start += count
    }
  }

  /// Figures by the names that TRL gives them: means over answers.
  func figures(_ coefficient: Double) -> TextKeyed<Double> {
    var figures: TextKeyed<Double> = [
      "objective/kl_coef": coefficient, "objective/entropy": surprises.mean, "val/num_eos_tokens": Double(endCount),
    ]
    guard !scores.isEmpty else { return figures }
    figures["objective/kl"] = divergences.mean
    figures["objective/scores"] = scores.mean
    figures["objective/non_score_reward"] = penalties.mean
    figures["objective/rlhf_reward"] = scores.mean + penalties.mean
    return figures
  }
}
