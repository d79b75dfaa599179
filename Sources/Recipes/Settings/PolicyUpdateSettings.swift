import Wording

/// How a policy moves away from the one that sampled its answers.
public struct PolicyUpdateSettings: SettingGroup {
  /// How often each rollout is gone through.
  public var iterations = 1
  /// Into how many steps a rollout is divided.
  public var miniBatches = 1
  /// How far the ratio ρ may fall below 1 (ε).
  public var epsilon = 0.2
  /// How far it may rise above 1; ε without it.
  public var epsilonHigh: Double?

  /// One step a rollout, in which ρ is 1.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "iterations", \.iterations, "How often the answers of a rollout are gone through.",
      Rule("from 1 to 1000") { (1...1000).contains($0) }),
    Setting(
      "mini-batches", \.miniBatches, "The steps into which the prompts of a rollout are divided.",
      Rule("from 1 to 100000") { (1...100_000).contains($0) }),
    Setting(
      "epsilon", \.epsilon,
      "How far the ratio of new to old probability may fall below 1 before its gradient is cut off.",
      valueName: "number",
      Rule("from 0 to 1") { (0...1).contains($0) }),
    Setting(
      "epsilon-high", \.epsilonHigh,
      "How far it may rise above 1; as \(setting: "epsilon") without it. DAPO has 0.28; of cispo it is the ratio's bound, 5 without it.",
      valueName: "number", .notNegative),
  ]

  /// Mini-batches are made of whole prompts, and each has at least one.
  func check(batchSize: Int) throws(SettingError) {
    guard miniBatches > batchSize else { return }
    throw SettingError(
      "\(setting: "mini-batches") must be at most \(setting: "batch-size"), which is \(batchSize) prompts")
  }
}
