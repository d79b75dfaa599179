import Objectives
import Rollouts
import Wording

/// What PPO trains towards.
public struct PPOSettings: SettingGroup {
  /// Where the divergence from the reference counts.
  public enum KLPlace: String, CaseIterable, SettingValue { case reward, loss }

  /// What leaving the reference costs (β).
  public var klCoef = 0.05
  /// How it is estimated at each token.
  public var klEstimator = KLEstimator.k1
  /// Where it counts.
  public var klIn = KLPlace.reward
  /// The divergence of an answer that β is adapted to; nil where β stays as it is.
  public var klTarget: Double?
  /// After how many answers β has adapted.
  public var klHorizon = 10_000.0
  /// The discount of what comes later (γ).
  public var gamma = 1.0
  /// How far what comes later is looked at itself (λ).
  public var lambda = 0.95
  /// The score that an answer without an end gets, whatever it was worth.
  public var missingEndScore: Double?
  /// What is subtracted from its score instead.
  public var missingEndPenalty: Double?
  /// Whether the score lies one place behind the end.
  public var scorePastEnd = false
  /// Over what advantages are whitened.
  public var whiten = PPOMethod.WhiteningScope.rollout
  /// What whitening adds to the variance.
  public var whitenEpsilon = 1e-8
  /// Whether rewards are whitened too.
  public var whitenRewards = false
  /// What the policy's loss is the mean of.
  public var lossMean = PPOObjective.Mean.tokens
  /// The most that ρ counts where the advantage is negative (dual clip).
  public var delta: Double?
  /// How far a value may move for all that its loss sees; 0 for any distance.
  public var valueClip = 0.2
  /// What the value model's loss is multiplied by.
  public var valueCoef = 0.1
  /// Whether the loss sees probabilities at temperature 1, whatever that of the rollouts.
  public var plainProbabilities = false
  /// The model that the value model begins from; the first reward model without it.
  public var valueModel: String?
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// Tulu 2.5's where they are good for any run.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "kl-coef", \.klCoef, "What leaving the reference costs. With 0 no reference is loaded.", valueName: "number",
      .notNegative),
    Setting("kl-estimator", \.klEstimator, "The estimate of the KL divergence at each token, by Schulman's names."),
    Setting(
      "kl-in", \.klIn,
      "Where it counts: in each token's reward, as in Tulu 2.5 and TRL, or in the loss, where its gradient flows."),
    Setting(
      "kl-target", \.klTarget, "Adapt \(setting: "kl-coef") so that an answer's divergence comes near this, in nats.",
      valueName: "number", .positive),
    Setting(
      "kl-horizon", \.klHorizon, "How slowly it adapts, in answers.", valueName: "number",
      .positive, isRecorded: { $0.klTarget != nil }),
    Setting("gamma", \.gamma, "The discount of later rewards.", valueName: "number", share),
    Setting(
      "lambda", \.lambda, "The λ of generalized advantage estimation: 1 trusts what came, 0 the value model.",
      valueName: "number", share),
    Setting(
      "missing-end-score", \.missingEndScore,
      "The score of an answer without an end, whatever it was worth; -10 in Tulu 2.5.", valueName: "number",
      Rule("a finite number") { $0.isFinite }),
    Setting(
      "missing-end-penalty", \.missingEndPenalty, MissingEndSettings.penaltyHelp, valueName: "number", .notNegative),
    Setting(
      recordedWhereSet: "score-past-end", \.scorePastEnd,
      "Put the score one place behind an answer's end, as TRL does; the value model then has one place more."),
    Setting(
      "whiten", \.whiten,
      "Over what advantages are brought to mean 0 and variance 1: the rollout (TRL), each mini-batch (Tulu 2.5), or none."
    ),
    Setting(
      "whiten-epsilon", \.whitenEpsilon, "What whitening adds to the variance; 1e-6 in Tulu 2.5.", valueName: "number",
      .notNegative),
    Setting(
      recordedWhereSet: "whiten-rewards", \.whitenRewards, "Whiten the tokens' rewards too, all but their mean."),
    Setting("loss-mean", \.lossMean, "What the policy's loss is the mean of: all tokens alike, or answers alike."),
    Setting(
      "delta", \.delta, GroupPolicySettings.deltaHelp, valueName: "number",
      Rule("greater than 1") { $0 > 1 && $0.isFinite }),
    Setting(
      "value-clip", \.valueClip, "How far a value may move before its gradient is cut off; 0 for any distance.",
      valueName: "number", .notNegative),
    Setting(
      "value-coef", \.valueCoef,
      "What the value model's loss is multiplied by; an optimizer of its own undoes most of it.", valueName: "number",
      .positive),
    Setting(
      recordedWhereSet: "plain-probabilities", \.plainProbabilities,
      """
      Let the loss see probabilities at temperature 1, as the authors of Tulu 2.5 do, and not at \(setting: "temperature"). The \
      answers are then not samples of what is trained.
      """),
    Setting(
      "value-model", \.valueModel,
      """
      The reward or value model that the value model begins from. By default the first reward model of \(setting: "reward") or, \
      if there is none, the model with a score that has learned nothing.
      """, valueName: "folder"),
    Setting("reference", \.reference, PreferenceSettings.referenceHelp, valueName: "folder"),
  ]

  private static let share = Rule<Double>("from 0 to 1") { (0...1).contains($0) }

  /// Options that contradict one another are refused.
  public func checkTogether() throws {
    guard missingEndScore == nil || missingEndPenalty == nil else {
      throw SettingError("give \(setting: "missing-end-score") or \(setting: "missing-end-penalty"), not both")
    }
    guard reference == nil || klCoef > 0 else {
      throw SettingError("\(setting: "reference") has no meaning with \(setting: "kl-coef") 0; leave it out")
    }
    guard klTarget == nil || klCoef > 0 && klIn == .reward else {
      throw SettingError(
        "\(setting: "kl-target") adapts \(setting: "kl-coef"), which must be greater than 0 and \(setting: "kl-in") reward"
      )
    }
  }

  /// What the policy is trained towards.
  func objective(_ update: PolicyUpdateSettings) throws -> any Objective {
    let high = update.epsilonHigh ?? update.epsilon
    guard klIn == .loss, klCoef > 0 else {
      return try PPOObjective(low: update.epsilon, high: high, cap: delta, mean: lossMean)
    }
    return try GroupPolicyObjective(
      .clipped(low: update.epsilon, high: high, cap: delta), aggregation: lossMean == .tokens ? .dapo : .grpo,
      penalty: KLPenalty(beta: klCoef, estimator: klEstimator, isCorrected: false))
  }

  /// What the value model is trained towards.
  var valueObjective: ValueObjective {
    get throws { try ValueObjective(range: valueClip > 0 ? valueClip : nil, coefficient: valueCoef) }
  }

  /// What leaving the reference costs from rollout to rollout.
  var controller: KLController {
    get throws {
      guard let klTarget else { return try KLController(fixed: klCoef) }
      return try KLController(adaptive: klCoef, target: klTarget, horizon: klHorizon)
    }
  }

  /// How advantages come from scores.
  func method(_ update: PolicyUpdateSettings, correction: SamplingCorrection?, seed: UInt64) -> PPOMethod.Settings {
    var settings = PPOMethod.Settings()
    (settings.iterations, settings.miniBatches) = (update.iterations, update.miniBatches)
    (settings.gamma, settings.lambda) = (gamma, lambda)
    settings.estimator = klIn == .reward ? klEstimator : nil
    settings.missingEnd =
      missingEndScore.map { .replaced(by: $0) } ?? missingEndPenalty.map { .reduced(by: $0) }
    settings.scoresPastEnd = scorePastEnd
    (settings.whitening, settings.epsilon, settings.whitensRewards) = (whiten, whitenEpsilon, whitenRewards)
    settings.correction = correction
    settings.seed = seed
    return settings
  }
}

extension PPOMethod.WhiteningScope: SettingValue {}
extension PPOObjective.Mean: SettingValue {}
