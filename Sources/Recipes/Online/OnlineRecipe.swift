import Alignment
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
    try mixture.check(for: data)
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

  /// What stays in memory beside a policy in training: reward models, and the others that a recipe names, in bytes.
  func memoryBeside(_ others: [String], _ context: RunContext) throws -> Int {
    let judges = try answerReward.models.map(context.folder)
    for judge in judges { try judge.requireRewardModel() }
    let base = try context.model(quietly: model)
    let isAdapting = adapter.loraRank != nil || base.adapter != nil
    // Beside an adapter the base is its own reference, and answers come from a copy with the adapter merged in. So do they where
    // the copy is to be narrow.
    let others = others.filter { !isAdapting || $0 != model.model }
    let architecture = base.config.architecture
    let copy =
      switch rollout.rolloutType {
      case .float32: isAdapting ? 4 * architecture.adaptable.reduce(0) { $0 + $1.count } : 0
      case .bfloat16: 2 * architecture.parameterCount
      case .int8: architecture.parameterCount
      }
    return try copy
      + (judges + others.map(context.folder)).map { 4 * $0.config.architecture.parameterCount }.reduce(0, +)
  }

  /// What answers are worth, with all reward models loaded.
  func loadRewards(_ context: RunContext) throws -> WeightedRewards {
    let rewards = try answerReward.reward.map { name -> any Reward in
      switch try RewardName(name) {
      case .reward(let reward): return reward
      case .model(let folder):
        var settings = ModelSettings()
        settings.model = folder
        return try ModelReward(
          context.model(folder), format: context.format(settings), dtype: machine.dtype,
          microTokens: optimization.microTokens)
      }
    }
    return try WeightedRewards(
      rewards, weights: answerReward.rewardWeights ?? rewards.map { _ in 1 }, onFailure: answerReward.rewardFailure)
  }
}
