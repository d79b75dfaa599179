import Alignment
import Datasets
import Inference
import ModelFiles
import Objectives
import Training
import Wording

/// A reward model: learns from pairs of better and worse answers to score one. The defaults are those of Tulu 2.5's authors.
///
/// What is written is a `…ForSequenceClassification` of one label, as transformers, TRL and RewardBench's code read it.
public struct RewardRecipe: TrainingRecipe {
  /// The model to begin from, and how conversations are written for it: a language model, whose head gives way to a new score, or
  /// a reward model.
  public var model = ModelSettings()
  /// The pairs.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Pairs that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var reward = RewardSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = RewardPace()
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
  public static let groups: [RecipeGroup<Self>] = groups(with: RecipeGroup(\.reward))

  /// Trains, and writes the reward model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let beginning = try RunBeginning(self, as: .text(labels: 1), context)

    // The data, on their way from files to token sequences that end where rewards are read.
    let ends = beginning.builder.format.stopTokens(of: beginning.base)
    let pairs = try TrainingData(self, beginning, prompt: \PreferencePair.prompt) {
      try beginning.builder.rewardExamples($0, limits: beginning.limits, endingWith: ends)
    }
    let run = try RecipeRun(self, beginning, data: pairs)

    // The model under its score, and steps along the gradient of the loss.
    let model = try run.loadModel()
    let training = try run.training(
      model, head: model.scoreHead(), towards: RewardObjective(centering: reward.centerRewards))
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }

  /// A reward model gives no answers, and what its loss is about is no matter of single tokens.
  public func checkTogether() throws {
    try checkTraining()
    guard heldOut.evalAnswers == 0 else {
      throw SettingError("\(setting: "eval-answers") is for models that answer; a reward model gives scores")
    }
    guard heldOut.evalTask.isEmpty else {
      throw SettingError("\(setting: "eval-task") is for models that answer; a reward model gives scores")
    }
    guard data.lossMask == .auto else {
      throw SettingError("\(setting: "loss-mask") is for losses of tokens; a reward is of a whole answer")
    }
  }
}
