import Llama
import Objectives
import Rollouts
import Training
import Wording

/// GRPO and its kin: the model answers each prompt several times, and learns to do more of what was worth more than the group's
/// mean. The defaults are those of TRL.
public struct GRPORecipe: OnlineRecipe {
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
  /// The loss.
  public var policy = GroupPolicySettings()
  /// How far the policy may move from the one that answered.
  public var update = PolicyUpdateSettings()
  /// How prompts are answered.
  public var rollout = GroupRolloutSettings()
  /// How long, in which batches, at which rate.
  public var pace = OnlinePace()
  /// How the model is moved along its gradients.
  public var optimization = OptimizationSettings()
  /// Where the run computes.
  public var machine = MachineSettings()
  /// Where it writes.
  public var saving = SavingSettings()

  /// The defaults.
  public init() {}

  /// The groups of settings.
  public static let groups: [RecipeGroup<Self>] = onlineGroups(with: RecipeGroup(\.policy), RecipeGroup(\.update))

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let compared = policy.beta > 0 ? [try context.model(policy.reference ?? model.model)] : []
    let beginning = try RunBeginning(
      self, reference: policy.reference, beside: memoryBeside(compared, context), context)

    // Prompts and rewards, the policy, and what it is compared with.
    let online = try OnlineRun(self, beginning)
    let temperature = Float(rollout.temperature)
    func head(_ model: LlamaModel) -> VocabularyHead {
      model.vocabularyHead(temperature: temperature, entropy: Column.entropy.name)
    }
    let reference = policy.beta > 0 ? try online.reference(beginning.reference) : nil
    let method = GroupMethod(
      policy.estimate, iterations: update.iterations, miniBatches: update.miniBatches,
      masksTruncated: policy.maskTruncated, policy: online.scoring(online.model, head: head(online.model)),
      reference: reference.map { online.scoring($0, head: head($0)) })

    // Steps along the gradient of the loss, and the aligned model.
    let training = try online.training(towards: objective, by: method, head: head(online.model))
    return try training.run() == .finished ? online.run.finish(training) : .interrupted
  }

  /// Groups compare answers with one another.
  public func checkTogether() throws {
    try checkOnline()
    _ = try objective
    guard rollout.groupSize >= 2 else {
      throw SettingError(
        "\(setting: "group-size") must be at least 2: the answers to a prompt are compared with one another")
    }
    guard update.miniBatches <= pace.batchSize else {
      throw SettingError(
        "\(setting: "mini-batches") must be at most \(setting: "batch-size"), which is \(pace.batchSize) prompts")
    }
  }

  private var objective: GroupPolicyObjective {
    get throws { try policy.objective(update, maximumTokens: rollout.maxTokens) }
  }
}
