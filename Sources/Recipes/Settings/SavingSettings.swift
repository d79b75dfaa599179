import Foundation

/// The folder of a run, and what is kept there.
public struct SavingSettings: SettingGroup {
  /// The folder to write.
  public var output = ""
  /// Steps between checkpoints.
  public var saveEvery = 500
  /// How many checkpoints are kept, the newest.
  public var keep = 2
  /// Whether to go on with the run in the folder from its newest checkpoint.
  public var resume = false

  /// No folder yet.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings. Where a run is, and how often it saves, decides nothing of its course.
  public static let settings: [Setting<Self>] = [
    Setting(
      "output", \.output, "The folder to write; it must be new or empty.", valueName: "folder", isRequired: true,
      isDeciding: false,
      isRecorded: { _ in false }),
    Setting(
      "save-every", \.saveEvery, "Steps between checkpoints.", Rule("at least 1") { $0 >= 1 }, isDeciding: false),
    Setting(
      "keep", \.keep, "How many of the newest checkpoints to keep.",
      Rule("from 1 to 10000") { (1...10_000).contains($0) },
      isDeciding: false),
    Setting(
      "resume", \.resume, "Continue the run in \(setting: "output") from its newest checkpoint.", isRecorded: false),
  ]

  /// The folder.
  public var folder: URL { URL(filePath: output) }
}
