import Alignment
import Inference
import Llama
import ModelFiles
import Objectives
import Rewards
import Rollouts
import Text
import Training
import Wording

/// The stages that online recipes have in common, once it is settled what they learn.
struct OnlineRun {
  /// A second model that learns from the same batches.
  struct Critic {
    let model: LlamaModel
    let head: any Head
    let objective: any Objective
  }

  let run: RecipeRun
  /// The model in training.
  let model: LlamaModel
  private let prompts: PromptData
  private let rewards: WeightedRewards?
  private let policy: Policy
  private let rollout: any RolloutSettings
  private let seed: UInt64
  private let comparedTemperature: Double

  /// Reads prompts and loads rewards and the policy.
  init(_ recipe: some OnlineRecipe, _ beginning: RunBeginning) throws {
    prompts = try PromptData(recipe, beginning)
    // Whatever rewards cost or ask for, they are asked once.
    rewards = try beginning.context.ranks.isFirst ? recipe.loadRewards(beginning.context) : nil
    let columns = (prompts.prompts + prompts.heldOut).map(\.columns)
    for remark in try rewards?.remarks(on: columns) ?? [] { try beginning.context.remark(Wording(remark)) }
    (rollout, seed) = (recipe.rollout, recipe.optimization.seed)
    comparedTemperature = recipe.comparedTemperature
    run = try RecipeRun(
      recipe, beginning, data: prompts.data, adding: recipe.rollout.groupSize * recipe.rollout.maxTokens)
    model = try run.loadModel()
    policy = try Policy(model, format: rollout.rolloutType)
  }

  /// Scores answers with a model as it is.
  /// - Parameter head: what is seen of it; without it, log-probabilities.
  func scoring(_ model: LlamaModel, head: (any Head)? = nil) -> BatchPass {
    BatchPass(
      model: model, head: head, objective: SupervisedObjective(), microTokens: run.settings.microTokens,
      among: run.context.ranks)
  }

  /// A model that only scores: another one, or the policy as it is before it is trained.
  func reference(_ folder: ModelFolder?) throws -> LlamaModel {
    if folder == nil, model.adapter != nil { return try model.adaptedAsItIs() }
    let folder = folder ?? run.beginning.base
    return try LlamaModel(folder, keeping: run.beginning.frozenType.format(of: folder), dtype: model.dtype)
  }

  /// The loop that trains the policy on its own answers.
  /// - Parameters:
  ///   - method: what is made of rewarded answers.
  ///   - head: what the objective sees of the policy; without it, log-probabilities.
  ///   - reference: what the policy is compared with, where that moves.
  ///   - critic: what learns beside it from the same batches.
  func training(
    towards objective: any Objective, by method: any OnlineMethod, head: (any Head)? = nil,
    reference: MovingReference? = nil, critic: Critic? = nil
  ) throws -> TrainingRun {
    let source = Rollouts(
      prompts.prompts, in: run.order, epochs: run.settings.epochs, maxSteps: run.settings.maxSteps,
      fingerprint: prompts.data.examples.fingerprint, answering: answering, towards: method)
    return try run.training(
      model, head: head, towards: objective, reference: reference, source: source, critic: critic,
      heldOut: HeldOutPrompts(
        prompts.heldOut, answering: RewardedAnswers(sampler(groupSize: 1), rewards, tokenizer: format.tokenizer)),
      observers: [RunPages(folder: run.folder) { try run.context.remark(Wording($0)) }])
  }

  /// Answers that a run which is asked to stop gives up.
  private var answering: RewardedAnswers {
    let observers = run.context.observers
    return RewardedAnswers(sampler(groupSize: rollout.groupSize), rewards, tokenizer: format.tokenizer) { done, total in
      try observers.observe(.answering(done: done, total: total))
      if observers.asksToStop { throw RunInterruption() }
    }
  }

  private func sampler(groupSize: Int) -> AnswerSampler {
    var settings = rollout.sampling(stopTokens: format.stopTokens(of: run.beginning.base), seed: seed)
    settings.groupSize = groupSize
    if rollout.correction != nil { settings.comparedTemperature = comparedTemperature }
    return AnswerSampler(policy, settings, among: run.context.ranks)
  }

  private var format: ChatFormat { run.beginning.builder.format }
}
