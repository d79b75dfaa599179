import Objectives
import Rollouts
import Wording

/// What RLOO trains towards.
public struct LeaveOneOutSettings: GroupLossSettings {
  /// How much of an answer's log-ratio to the reference is subtracted from its reward (β); 0 for no reference.
  public var beta = 0.05
  /// Whether advantages are normalized over the batch.
  public var normalizeAdvantages = false
  /// Whether answers without an end teach nothing.
  public var maskTruncated = false
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// TRL's defaults.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "beta", \.beta,
      "How much an answer's log-ratio to the reference takes from its reward. With 0 no reference is loaded.",
      valueName: "number", .notNegative),
    Setting(
      recordedWhereSet: "normalize-advantages", \.normalizeAdvantages,
      "Subtract the batch's mean advantage, and divide by the deviation."),
    Setting(
      recordedWhereSet: "mask-truncated", \.maskTruncated, "Learn nothing from answers without an end, as in DAPO."),
    Setting("reference", \.reference, PreferenceSettings.referenceHelp, valueName: "folder"),
  ]

  /// There must be something to compare with.
  public func checkTogether() throws {
    guard reference == nil || beta > 0 else {
      throw SettingError("\(setting: "reference") has no meaning without \(setting: "beta"); leave it out")
    }
  }

  /// What they say, as an objective: the ratio of whole answers, clipped (TRL's).
  public func objective(_ update: PolicyUpdateSettings, maximumTokens: Int) throws -> GroupPolicyObjective {
    try GroupPolicyObjective(
      .clipped(low: update.epsilon, high: update.epsilonHigh ?? update.epsilon), importance: .answer, aggregation: .grpo
    )
  }

  /// How much better an answer is than was to be expected.
  public var estimate: GroupMethod.Estimate { .leaveOneOut(beta: beta, isNormalized: normalizeAdvantages) }
}
