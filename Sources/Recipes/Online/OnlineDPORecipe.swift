import Alignment
import Inference
import Llama
import Objectives
import Rollouts
import Training
import Wording

/// Online DPO: the model answers each prompt several times, rewards say which answer is the better one, and the model learns from
/// that pair at once.
public struct OnlineDPORecipe: OnlineRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The prompts.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Prompts that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// What answers are worth.
  public var answerReward = AnswerRewardSettings()
  /// The loss of the pairs.
  public var preference = PreferenceSettings()
  /// What an answer without an end loses.
  public var missingEnd = MissingEndSettings()
  /// How prompts are answered.
  public var rollout = PairRolloutSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = OnlineDPOPace()
  /// How the model is moved along its gradients.
  public var optimization = OptimizationSettings()
  /// Where the run computes.
  public var machine = MachineSettings()
  /// How several processes share the work.
  public var ranks = RankSettings()
  /// Where it writes.
  public var saving = SavingSettings()

  /// The defaults.
  public init() {}

  /// The groups of settings.
  public static let groups: [RecipeGroup<Self>] = onlineGroups(
    with: RecipeGroup(\.preference), RecipeGroup(\.missingEnd))

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let objective = try preference.objective
    let comparesWithFixed = objective.comparesWithReference && preference.movement == nil
    let beginning = try RunBeginning(
      self, reference: preference.reference, movesReference: preference.movement != nil,
      planning: {
        try $0.plan(
          &$1, comparedWith: comparesWithFixed ? [$0.preference.reference ?? $0.model.model] : [], context)
      }, context)

    // Prompts and rewards, the policy, and what it is compared with.
    let online = try OnlineRun(self, beginning)
    let moving = try preference.movement.map { try online.run.movingReference(online.model, $0, objective) }
    let fixed = comparesWithFixed ? try online.reference(beginning.reference) : nil
    let scores = fixed.map { ReferenceScores(pass: online.scoring($0), cache: nil) }

    // Steps along the gradient of the loss, and the aligned model.
    let training = try online.training(
      towards: objective,
      by: PairMethod(
        reference: scores, withShared: objective.comparesSharedLengths,
        missingEnd: missingEnd.missingEndPenalty.map { .reduced(by: $0) }),
      head: objective.isWeighted ? online.model.vocabularyHead(sumOfSquares: Column.logSumOfSquares.name) : nil,
      reference: moving)
    return try training.run() == .finished ? online.run.finish(training) : .interrupted
  }

  /// A pair needs two answers.
  public func checkTogether() throws {
    try checkOnline()
    guard rollout.groupSize >= 2 else {
      throw SettingError("\(setting: "group-size") must be at least 2: a pair is made of the best and the worst answer")
    }
    guard !preference.orpoPromptLoss else {
      throw SettingError("\(setting: "orpo-prompt-loss") is for pairs of a file; here prompts are not learned")
    }
  }
}

/// Pace of online DPO, as TRL has it.
public struct OnlineDPOPace: Pace {
  /// Passes over the data.
  public var epochs = 1.0
  /// Prompts a step.
  public var batchSize = 32
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 5e-7 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.1
  /// The rate at the schedule's end.
  public var finalLearningRate = 0.0
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.999

  /// The defaults.
  public init() {}
}
