import Wording

/// Data and benchmarks that are measured after each epoch and never trained on.
public struct HeldOutSettings: SettingGroup {
  /// Records to measure, named as the data are.
  public var evalData: [String] = []
  /// Instead, the share of the data to hold out.
  public var evalFraction = 0.0
  /// Steps between measurements, besides those after epochs.
  public var evalEvery: Int?
  /// How many of their prompts the trained model answers, to measure its answers.
  public var evalAnswers = 0
  /// Benchmarks that the model answers: names, with `=PATH` where their data are there, or files of one's own.
  public var evalTask: [String] = []
  /// The most items of each of them.
  public var evalTaskLimit: Int?

  /// Nothing is held out.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "eval-data", \.evalData,
      "Records to evaluate after each epoch and never train on, given as for \(setting: "data").",
      valueName: "path"),
    Setting(
      "eval-fraction", \.evalFraction,
      "The share of \(setting: "data") to hold out for that instead; no prompt is on both sides.",
      valueName: "share", Rule("at least 0 and less than 1") { $0 >= 0 && $0 < 1 }, isRecorded: { $0.evalFraction > 0 }),
    Setting(
      "eval-every", \.evalEvery, "Evaluate after this many steps too, besides after each epoch.", valueName: "steps",
      Rule("at least 1") { $0 >= 1 }),
    Setting(
      "eval-answers", \.evalAnswers,
      """
      How many held-out prompts the model answers after the last step, at temperature 1 and in at most 256 tokens. This measures \
      the answers' length and the model's KL divergence from the reference, as that was at first where it follows the model.
      """,
      valueName: "count", Rule("from 0 to 100000") { (0...100_000).contains($0) }, isRecorded: { $0.evalAnswers > 0 }),
    Setting(
      "eval-task", \.evalTask,
      """
      Benchmarks that the model answers before the first step, at each evaluation and at the end: names as eval knows them, with \
      =PATH or =OWNER/NAME@REVISION for other data than the hub's newest, or files of your own.
      """,
      valueName: "name"),
    Setting(
      "eval-task-limit", \.evalTaskLimit, "The most items of each of these benchmarks, or of each of its parts.",
      valueName: "count", Rule("at least 1") { $0 >= 1 }),
  ]

  /// One of the two.
  public func checkTogether() throws {
    guard evalEvery == nil || holdsOut || !evalTask.isEmpty else {
      throw SettingError(
        "\(setting: "eval-every") needs held-out data: \(setting: "eval-data") or \(setting: "eval-fraction"); or an \(setting: "eval-task")"
      )
    }
    guard evalTaskLimit == nil || !evalTask.isEmpty else {
      throw SettingError("\(setting: "eval-task-limit") needs an \(setting: "eval-task")")
    }
    guard evalFraction == 0 || evalData.isEmpty else {
      throw SettingError("give \(setting: "eval-data") or \(setting: "eval-fraction"), not both")
    }
    guard evalAnswers == 0 || holdsOut else {
      throw SettingError(
        "\(setting: "eval-answers") needs held-out data: \(setting: "eval-data") or \(setting: "eval-fraction")")
    }
  }

  /// Whether any data are held out.
  var holdsOut: Bool { evalFraction > 0 || !evalData.isEmpty }
}
