/// Pace of learning by policy gradients, at TRL's rate.
public struct OnlinePace: Pace {
  /// Passes over the prompts.
  public var epochs = 1.0
  /// Prompts a rollout.
  public var batchSize = 16
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 1e-6 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.0
  /// The rate at the schedule's end.
  public var finalLearningRate = 0.0
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.999

  /// TRL's.
  public init() {}
}
