import Wording

/// What an answer loses that was cut at the limit of length.
public struct MissingEndSettings: SettingGroup {
  /// What is subtracted from its reward.
  public var missingEndPenalty: Double?

  /// Nothing.
  public init() {}

  /// What it means, as all methods have it.
  static let penaltyHelp: Wording =
    "What is subtracted from the reward of an answer without an end (TRL's missing_eos_penalty)."

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "missing-end-penalty", \.missingEndPenalty, penaltyHelp, valueName: "number",
      .notNegative)
  ]
}
