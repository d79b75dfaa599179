import Llama
import Objectives
import Rollouts
import Training
import Wording

/// A recipe that compares the answers to a prompt with one another: GRPO with its variants, and RLOO.
public protocol GroupRecipe: OnlineRecipe {
  /// The settings of its loss.
  associatedtype Loss: GroupLossSettings

  /// The loss.
  var policy: Loss { get set }
  /// How far the policy may move from the one that answered.
  var update: PolicyUpdateSettings { get set }
}

/// What groups of answers are trained towards.
public protocol GroupLossSettings: SettingGroup {
  /// How strongly the policy is held to the reference (β); 0 for no reference.
  var beta: Double { get }
  /// Whether answers without an end teach nothing.
  var maskTruncated: Bool { get }
  /// The reference model; the model as it is before training without it.
  var reference: String? { get }
  /// How much better an answer is than was to be expected.
  var estimate: GroupMethod.Estimate { get }

  /// What they say, as an objective.
  /// - Parameter maximumTokens: the most tokens of an answer.
  /// - Throws: `ObjectiveError` for what cannot be.
  func objective(_ update: PolicyUpdateSettings, maximumTokens: Int) throws -> GroupPolicyObjective
}

extension GroupRecipe {
  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let compared = policy.beta > 0 ? [policy.reference ?? model.model] : []
    let beginning = try RunBeginning(
      self, reference: policy.reference,
      planning: { try $0.plan(&$1, comparedWith: compared, context) }, context)

    // Prompts and rewards, the policy, and what it is compared with.
    let online = try OnlineRun(self, beginning)
    func head(_ model: LlamaModel) -> VocabularyHead {
      model.vocabularyHead(temperature: Float(comparedTemperature), entropy: Column.entropy.name)
    }
    let reference = policy.beta > 0 ? try online.reference(beginning.reference) : nil
    let method = GroupMethod(
      policy.estimate, iterations: update.iterations, miniBatches: update.miniBatches,
      masksTruncated: policy.maskTruncated, correction: rollout.correction,
      policy: online.scoring(online.model, head: head(online.model)),
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
    try update.check(batchSize: pace.batchSize)
  }

  private var objective: GroupPolicyObjective {
    get throws { try policy.objective(update, maximumTokens: rollout.maxTokens) }
  }
}
