import Alignment
import ModelFiles
import Rewards
import Rollouts
import Training
import Wording

/// A recipe that learns from answers that the model itself gives while it is trained: its data are prompts.
public protocol OnlineRecipe: TrainingRecipe {
  /// How many answers each prompt gets, how they are drawn, and how long they may be.
  associatedtype Rollout: RolloutSettings

  /// How prompts are answered.
  var rollout: Rollout { get set }
  /// What answers are worth.
  var answerReward: AnswerRewardSettings { get set }
  /// What logits are divided by where log-probabilities of answers are compared.
  var comparedTemperature: Double { get }
}

extension OnlineRecipe {
  /// That of the rollouts.
  public var comparedTemperature: Double { rollout.temperature }

  /// The groups of settings, in the order of help and record.
  /// - Parameter loss: what each recipe has of its own.
  static func onlineGroups(with loss: RecipeGroup<Self>...) -> [RecipeGroup<Self>] {
    [
      RecipeGroup(\.model), RecipeGroup(\.data), RecipeGroup(\.mixture), RecipeGroup(\.heldOut),
      RecipeGroup(\.answerReward),
    ]
      + loss
      + [
        RecipeGroup(\.rollout), RecipeGroup(\.adapter), RecipeGroup(\.pace), RecipeGroup(\.optimization),
        RecipeGroup(\.machine), RecipeGroup(\.ranks), RecipeGroup(\.saving),
      ]
  }

  /// Prompts are neither cut nor scored, and held-out ones are answered as all are.
  func checkOnline() throws {
    try checkTraining()
    guard data.lossMask == .auto else {
      throw SettingError(
        "\(setting: "loss-mask") is for data with answers; here the model answers, and all of it counts")
    }
    guard !data.dropTruncated else {
      throw SettingError(
        "\(setting: "drop-truncated") is for data with answers; prompts are never cut, and those without room for an answer are left out"
      )
    }
    guard heldOut.evalAnswers == 0 else {
      throw SettingError(
        "\(setting: "eval-answers") is for data with answers; here every held-out prompt is answered at each evaluation"
      )
    }
    guard data.maxLength.map({ $0 > rollout.maxTokens }) ?? true else {
      throw SettingError(
        "\(setting: "max-length") is of prompt and answer together, and must be greater than \(setting: "max-tokens"), which is \(rollout.maxTokens)"
      )
    }
  }

  /// Adds to a plan what there is beside a policy in training: its answers, reward models, and the others that a recipe names.
  func plan(_ plan: inout MemoryPlan, comparedWith others: [String], _ context: RunContext) throws {
    let judges = try answerReward.models.map(context.folder)
    for judge in judges { try judge.requireRewardModel() }
    // Beside an adapter the base is its own reference.
    let isAdapting = plan.adapter != nil
    let others = try others.filter { !isAdapting || $0 != model.model }.map(context.folder)
    func bytes(_ folders: [ModelFolder]) throws -> Int {
      try folders.reduce(0) { try $0 + adapter.frozenType.byteCount($1) }
    }
    let count = plan.config.architecture.parameterCount
    let copy =
      switch rollout.rolloutType {
      case .float32: plan.mergedCopy
      case .bfloat16: MemoryEstimate.Part("copy that answers", 2 * count)
      case .int8: MemoryEstimate.Part("copy that answers", count)
      }
    plan.beside += try [
      MemoryEstimate.Part("reward models", bytes(judges)), MemoryEstimate.Part("reference", bytes(others)), copy,
    ].compactMap(\.self)
    plan.answers = MemoryPlan.Answers(
      count: min(AnswerSampler.sequences, pace.batchSize * rollout.groupSize), tokens: rollout.maxTokens,
      groupSize: rollout.groupSize)
  }

  /// What answers are worth, with all reward models loaded.
  func loadRewards(_ context: RunContext) throws -> WeightedRewards {
    let rewards = try answerReward.reward.map { name -> any Reward in
      switch try RewardName(name) {
      case .reward(let reward): return reward
      case .model(let folder):
        var settings = ModelSettings()
        settings.model = folder
        let judge = try context.model(folder)
        return try ModelReward(
          judge, format: context.format(settings), keeping: adapter.frozenType.format(of: judge), dtype: machine.dtype,
          microTokens: optimization.microTokens)
      }
    }
    return try WeightedRewards(
      rewards, weights: answerReward.rewardWeights ?? rewards.map { _ in 1 }, onFailure: answerReward.rewardFailure)
  }
}
