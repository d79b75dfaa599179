/// What an answer loses that was cut at the limit of length.
public struct MissingEndSettings: SettingGroup {
  /// What is subtracted from its reward.
  public var missingEndPenalty: Double?

  /// Nothing.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "missing-end-penalty", \.missingEndPenalty,
      "What is subtracted from the reward of an answer without an end (TRL's missing_eos_penalty).",
      valueName: "number",
      Rule("at least 0") { $0 >= 0 && $0.isFinite })
  ]
}
