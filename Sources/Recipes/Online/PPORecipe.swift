import Alignment
import Datasets
import Inference
import Llama
import Objectives
import Rollouts
import Training
import Wording

/// PPO: the model answers prompts, a reward says what the answers are worth, a value model learns what was to be expected at each
/// token, and the model learns to do better than that.
public struct PPORecipe: OnlineRecipe {
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
  /// The losses of policy and value model.
  public var policy = PPOSettings()
  /// How far the policy may move from the one that answered.
  public var update = PolicyUpdateSettings()
  /// How prompts are answered.
  public var rollout = PPORolloutSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = PPOPace()
  /// How policy and value model are moved along their gradients.
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
  public static let groups: [RecipeGroup<Self>] = onlineGroups(with: RecipeGroup(\.policy), RecipeGroup(\.update))

  /// Trains, and writes the trained model with its card, and the value model in the folder `value`.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let compared = policy.klCoef > 0 ? [policy.reference ?? model.model] : []
    let value = try ValueModel(policy.valueModel ?? answerReward.models.first ?? model.model, self, context)
    let beginning = try RunBeginning(
      self, reference: policy.reference,
      planning: {
        try $0.plan(&$1, comparedWith: compared, context)
        $1.beside.append(MemoryEstimate.Part("value model", value.bytesInTraining($0.optimization)))
      },
      withValueModel: value.parameterCount, context)

    // Prompts and rewards, the policy, what it is compared with, and what says what was to be expected.
    let online = try OnlineRun(self, beginning)
    let reference = policy.klCoef > 0 ? try online.reference(beginning.reference) : nil
    let critic = try value.load(optimization, dtype: machine.dtype)
    let criticHead = try critic.scoreHead(reading: policy.scorePastEnd ? .beforeScoredAndLast : .beforeScored)
    let method = PPOMethod(
      policy.method(update, correction: rollout.correction, seed: optimization.seed), try policy.controller,
      policy: online.scoring(online.model, head: head(online.model)),
      reference: reference.map { online.scoring($0, head: head($0)) },
      values: online.scoring(critic, head: criticHead))

    // Steps of both along the gradients of their losses, and the aligned model.
    let training = try online.training(
      towards: policy.objective(update), by: method, head: head(online.model),
      critic: OnlineRun.Critic(model: critic, head: criticHead, objective: policy.valueObjective))
    guard try training.run() == .finished else { return .interrupted }
    if context.ranks.isFirst { try value.write(critic, to: saving.folder.appending(path: "value")) }
    return try online.run.finish(training)
  }

  /// What the losses see of the policy.
  private func head(_ model: LlamaModel) -> VocabularyHead {
    model.vocabularyHead(temperature: Float(comparedTemperature), entropy: Column.entropy.name)
  }

  /// That of the rollouts, unless weights are compared as they are.
  public var comparedTemperature: Double { policy.plainProbabilities ? 1 : rollout.temperature }

  /// Mini-batches are made of prompts.
  public func checkTogether() throws {
    try checkOnline()
    _ = try (policy.objective(update), policy.valueObjective, policy.controller)
    try update.check(batchSize: pace.batchSize)
  }
}

/// Pace of PPO, as Tulu 2.5's authors have it but for smaller rollouts.
public struct PPOPace: Pace {
  /// Passes over the prompts.
  public var epochs = 1.0
  /// Prompts a rollout.
  public var batchSize = 64
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 1e-6 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.1
  /// The rate at the schedule's end.
  public var finalLearningRate = 0.0
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.999

  /// The defaults.
  public init() {}
}

/// Rollouts of PPO: one answer at Tulu 2.5's temperature.
public struct PPORolloutSettings: RolloutSettings {
  /// Answers to each prompt.
  public var groupSize = 1
  /// The most tokens of an answer.
  public var maxTokens = 1024
  /// What the logits are divided by.
  public var temperature = 0.7
  /// Only this many of the most probable tokens are chosen among.
  public var topK: Int?
  /// Only the most probable tokens that reach this probability are chosen among.
  public var topP = 1.0
  /// How the weights that answer are kept.
  public var rolloutType = WeightFormat.float32

  /// Tulu 2.5's.
  public init() {}
}
