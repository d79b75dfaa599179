import Objectives
import Rollouts
import Wording

/// What groups of answers are trained towards.
public struct GroupPolicySettings: GroupLossSettings {
  /// The losses, by the names that papers and TRL have for them.
  public enum Loss: String, CaseIterable, Sendable {
    case dapo, grpo
    case drGRPO = "dr-grpo"
    case bnpo, luspo, gspo, cispo, sapo
  }

  /// The loss.
  public var loss = Loss.dapo
  /// What the rewards of a group are divided by; what the loss's paper has without it.
  public var scaleRewards: RewardScale?
  /// How strongly the policy is held to the reference (β); 0 for no reference.
  public var beta = 0.0
  /// The estimate of the divergence.
  public var klEstimator = KLEstimator.k3
  /// Whether the estimate is left without its correction by ρ.
  public var klUncorrected = false
  /// The most that ρ may be where an answer is worse than others; nil for no bound.
  public var delta: Double?
  /// Whether answers without an end teach nothing.
  public var maskTruncated = false
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// TRL's defaults.
  public init() {}

  /// What δ means, as all methods have it.
  static let deltaHelp: Wording = "The most that the ratio may be where an advantage is negative (dual clip)."

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "loss", \.loss,
      """
      The loss: dapo (the mean over the batch's tokens), grpo (over answers of the mean over their tokens), dr-grpo (sums \
      divided by \(setting: "max-tokens")), bnpo (as dapo; TRL's depends on its micro-batches), luspo (the mean of sums), gspo \
      (the ratio of whole answers), cispo, sapo.
      """),
    Setting(
      "scale-rewards", \.scaleRewards,
      """
      What the rewards of a group, less their mean, are divided by: their deviation (group), that of the whole batch (batch), or \
      nothing (none). Without it, none for dr-grpo and group for the others.
      """),
    Setting(
      "beta", \.beta,
      "How strongly the model is held to the reference in the loss. With 0 no reference is loaded; DeepSeekMath has 0.04.",
      valueName: "number", .notNegative),
    Setting(
      "kl-estimator", \.klEstimator, "The estimate of the KL divergence at each token, by Schulman's names.",
      isRecorded: { $0.beta > 0 }),
    Setting(
      recordedWhereSet: "kl-uncorrected", \.klUncorrected,
      "Leave the estimate without its factor, the ratio, as TRL did before version 1."),
    Setting(
      "delta", \.delta, deltaHelp, valueName: "number", Rule("greater than 1") { $0 > 1 && $0.isFinite }),
    Setting(
      recordedWhereSet: "mask-truncated", \.maskTruncated, "Learn nothing from answers without an end, as in DAPO."),
    Setting("reference", \.reference, PreferenceSettings.referenceHelp, valueName: "folder"),
  ]

  /// Options that mean nothing to the loss are refused.
  public func checkTogether() throws {
    guard beta == 0, let name = reference != nil ? "reference" : klUncorrected ? "kl-uncorrected" : nil else { return }
    throw SettingError("\(setting: name) has no meaning without \(setting: "beta"); leave it out")
  }

  /// Losses that cut no ratio off have no bounds for it.
  private func check(_ update: PolicyUpdateSettings) throws(SettingError) {
    guard loss == .cispo || loss == .sapo else { return }
    let unread = [
      ("delta", delta != nil), ("epsilon", update.epsilon != PolicyUpdateSettings().epsilon),
      ("epsilon-high", loss == .sapo && update.epsilonHigh != nil),
    ].first { $0.1 }
    guard let (name, _) = unread else { return }
    throw SettingError("\(setting: name) has no meaning for \(setting: "loss") \(loss.rawValue); leave it out")
  }

  /// What they say, as an objective.
  public func objective(_ update: PolicyUpdateSettings, maximumTokens: Int) throws -> GroupPolicyObjective {
    try check(update)
    let high = update.epsilonHigh ?? update.epsilon
    let surrogate: PolicySurrogate =
      switch loss {
      case .cispo: .cispo(maximum: update.epsilonHigh ?? 5)
      case .sapo: .sapo(positive: 1, negative: 1.05)
      default: .clipped(low: update.epsilon, high: high, cap: delta)
      }
    let aggregation: PolicyAggregation =
      switch loss {
      case .grpo, .gspo, .sapo: .grpo
      case .drGRPO: .drGRPO
      case .bnpo: .bnpo
      case .luspo: .luspo
      case .dapo, .cispo: .dapo
      }
    return try GroupPolicyObjective(
      surrogate, importance: loss == .gspo ? .sequence : .token, aggregation: aggregation,
      maximumLength: maximumTokens,
      penalty: beta > 0 ? KLPenalty(beta: beta, estimator: klEstimator, isCorrected: !klUncorrected) : nil)
  }

  /// How much better an answer is than was to be expected.
  public var estimate: GroupMethod.Estimate { .relative(scaleRewards ?? (loss == .drGRPO ? .none : .group)) }
}

extension GroupPolicySettings.Loss: SettingValue {
  /// The loss of a name; TRL's `dr_grpo` too.
  public init?(text: String) { self.init(rawValue: text == "dr_grpo" ? "dr-grpo" : text) }
}

extension RewardScale: SettingValue {}
extension KLEstimator: SettingValue {}
