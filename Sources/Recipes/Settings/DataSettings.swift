import Alignment
import Wording

/// The data that are trained on.
public struct DataSettings: SettingGroup {
  /// Files of records, folders of them, or splits.
  public var data: [String] = []
  /// The most tokens of a sequence; what the models are made for without it, and at most 4096.
  public var maxLength: Int?
  /// Whether longer records are left out instead of cut.
  public var dropTruncated = false
  /// Whether records that cannot be used are left out and counted.
  public var skipInvalid = false
  /// What of the assistant's turns is scored.
  public var lossMask = LossMask.auto

  /// No data yet.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "data", \.data,
      """
      Files of records, or folders of them: .jsonl, .json (both also compressed) or .parquet. Of several splits name one: \
      FOLDER:SPLIT, FOLDER/CONFIGURATION:SPLIT, or on the hub OWNER/NAME:SPLIT.
      """,
      valueName: "path"),
    Setting(
      "max-length", \.maxLength,
      "The most tokens of a sequence. Longer ones are cut at the end, and counted. By default 4096, or the model's context if that is shorter.",
      Rule("at least 2") { $0 >= 2 }),
    Setting(
      "drop-truncated", \.dropTruncated,
      "Leave out records longer than \(setting: "max-length") instead of cutting them."),
    Setting(
      "skip-invalid", \.skipInvalid,
      "Leave out and count records that cannot be used, instead of stopping at the first."),
    Setting(
      "loss-mask", \.lossMask,
      """
      What counts in the loss: turns (each turn of the assistant with its ending), template (what the chat template marks \
      with {% generation %}), last (only the assistant's last turn), or auto, which does as TRL does: for conversations \
      template if it marks anything, otherwise turns; for pairs and rated answers turns.
      """),
  ]

  /// There must be data.
  public func checkTogether() throws {
    guard !data.isEmpty else { throw SettingError("\(setting: "data") is missing: name the files to train on") }
  }
}
