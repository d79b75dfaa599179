/// What a reward model is trained towards.
public struct RewardSettings: SettingGroup {
  /// How strongly rewards are held about 0.
  public var centerRewards = 0.0

  /// Bradley and Terry's loss.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "center-rewards", \.centerRewards,
      """
      How strongly rewards are held about 0, which pairs alone leave open; 0.01 is usual (TRL's \
      center_rewards_coefficient).
      """,
      valueName: "number", .notNegative, isRecorded: { $0.centerRewards != 0 })
  ]
}

/// The pace at which Tulu 2.5's authors train reward models.
public struct RewardPace: Pace {
  /// Passes over the data.
  public var epochs = 1.0
  /// Pairs a step.
  public var batchSize = 512
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 1e-5 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.03
  /// The rate at the schedule's end.
  public var finalLearningRate = 1e-6
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.95

  /// Tulu 2.5's.
  public init() {}
}
