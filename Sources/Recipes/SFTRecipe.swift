import Alignment
import Datasets
import ModelFiles
import Objectives
import Training

/// Supervised fine-tuning: teaches a model from conversations. The defaults are those of Tulu 2.
public struct SFTRecipe: TrainingRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The conversations.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Conversations that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var supervision = SupervisedSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = SFTPace()
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
  public static let groups: [RecipeGroup<Self>] = groups(with: RecipeGroup(\.supervision))

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let beginning = try RunBeginning(self, context)

    // The data, on their way from files to token sequences.
    let conversations = try TrainingData(self, beginning, prompt: \Conversation.prompt) {
      try beginning.builder.examples($0, limits: beginning.limits)
    }
    let run = try RecipeRun(self, beginning, data: conversations)

    // The model, and steps along the gradient of the loss.
    let training = try run.training(run.loadModel(), towards: supervision.objective)
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }
}
