/// What decides the course of a run, besides the model, the data and the objective.
public struct TrainingSettings: Sendable, Equatable {
  /// Passes over the data; a fraction ends within one.
  public var epochs = 3.0
  /// Examples a step.
  public var batchSize = 32
  /// The highest learning rate.
  public var learningRate = 5e-7
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.1
  /// The rate that the schedule falls to.
  public var finalLearningRate = 0.0
  /// How the rate falls.
  public var schedule = LearningRateSchedule.Shape.linear
  /// The optimizer's constants.
  public var adam = AdamW.Settings()
  /// The norm that the gradient is scaled down to; 0 leaves it as it is.
  public var maxGradientNorm = 1.0
  /// The most steps, where that is fewer than the epochs have.
  public var maxSteps: Int?
  /// The seed of the shuffles; nil keeps the order of the files.
  public var shuffleSeed: UInt64? = 42
  /// The most tokens that are computed at once.
  public var microTokens = 2048
  /// The most bytes of activations that are kept for a backward; layers are computed again where that is too few.
  public var activationBytes = Int.max

  /// The settings of the Tulu 2.5 model card.
  public init() {}
}
