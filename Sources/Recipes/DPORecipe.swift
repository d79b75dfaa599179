import Alignment
import Datasets
import Llama
import ModelFiles
import Objectives
import Training

/// Direct preference optimization: aligns a model with pairs of better and worse answers. The defaults are those of Tulu 2.5.
public struct DPORecipe: TrainingRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The pairs.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Pairs that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var preference = PreferenceSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = DPOPace()
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
  public static let groups: [RecipeGroup<Self>] = groups(with: RecipeGroup(\.preference))

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let beginning = try RunBeginning(
      self, reference: preference.reference, movesReference: preference.movement != nil, context)

    // The data, on their way from files to token sequences.
    let pairs = try TrainingData(self, beginning, prompt: \PreferencePair.prompt) {
      try beginning.builder.examples($0, limits: beginning.limits)
    }
    var run = try RecipeRun(self, beginning, data: pairs)

    // The model, and what the reference makes of the data.
    let (policy, objective) = (try run.loadModel(), try preference.objective)
    let reference = try preference.movement.map { try run.movingReference(policy, $0, objective) }
    if objective.comparesWithReference, reference == nil {
      let withShared = objective.comparesSharedLengths
      guard try ReferencePhase.score(&run, policy: policy, withShared: withShared) else { return .interrupted }
    }
    if preference.orpoPromptLoss { run.data.scorePrompts() }

    // Steps along the gradient of the loss, and the aligned model.
    let head = objective.isWeighted ? policy.vocabularyHead(sumOfSquares: Column.logSumOfSquares.name) : nil
    let training = try run.training(policy, head: head, towards: objective, reference: reference)
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }
}

extension RecipeRun {
  /// A reference that follows the policy, in memory beside it; where an adapter trains, a copy of that over the same weights.
  func movingReference(
    _ policy: LlamaModel, _ movement: MovingReference.Settings, _ objective: PreferenceObjective
  ) throws -> MovingReference {
    let copy = try beginning.reference == nil && policy.adapter != nil ? policy.adaptedAsItIs() : nil
    return try MovingReference(
      copy
        ?? LlamaModel(beginning.reference ?? beginning.base, training: false, dtype: policy.dtype, sharedBy: owners),
      following: policy, movement, microTokens: settings.microTokens, withShared: objective.comparesSharedLengths,
      among: context.ranks)
  }
}

extension TrainingData {
  /// Lets prompts count in the likelihood of chosen answers.
  fileprivate mutating func scorePrompts() {
    examples = examples.map { $0.scoringPrompt() }
    heldOut = heldOut.map { $0.scoringPrompt() }
  }
}
