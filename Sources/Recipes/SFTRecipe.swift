import Alignment
import Datasets
import ModelFiles
import Objectives
import Training

/// Supervised fine-tuning: teaches a model from conversations. The defaults are those of Tulu 2.
public struct SFTRecipe: Recipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The conversations.
  public var data = DataSettings()
  /// Conversations that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// How long, in which batches, at which rate.
  public var pace = SFTPace()
  /// How the model is moved along its gradients.
  public var optimization = OptimizationSettings()
  /// Where the run computes.
  public var machine = MachineSettings()
  /// Where it writes.
  public var saving = SavingSettings()

  /// The defaults.
  public init() {}

  /// A recipe with the defaults of Tulu 2.
  /// - Parameters:
  ///   - model: a model's folder.
  ///   - data: files or folders of conversations.
  ///   - output: the folder to write.
  public init(model: String, data: [String], output: String) {
    self.model.model = model
    self.data.data = data
    saving.output = output
  }

  /// The groups of settings.
  public static let groups: [RecipeGroup<Self>] = [
    RecipeGroup(\.model), RecipeGroup(\.data), RecipeGroup(\.heldOut), RecipeGroup(\.pace), RecipeGroup(\.optimization),
    RecipeGroup(\.machine), RecipeGroup(\.saving),
  ]

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(observing observers: [any RunObserver], locating locator: any Locator) throws -> TrainingRun.Outcome {
    try check()
    let context = RunContext(observers: observers, locator: locator)
    let (base, format) = (try context.model(model.model), try context.format(model))
    let limits = data.limits([base.config])
    let builder = try SequenceBuilder(format: format, mask: data.lossMask)
    let record = RunRecord(settled(maxLength: limits.maximumLength))
    let lock = try saving.prepare(for: base, record)
    try machine.start()

    // The data, on their way from files to token sequences.
    let conversations = try TrainingData(data, heldOut, seed: optimization.seed, context, prompt: \Conversation.prompt)
    {
      try builder.examples($0, limits: limits)
    }
    let run = try RecipeRun(
      context, record, base: base, sequences: builder, data: conversations, lock: lock, saving, optimization, pace,
      machine)

    // The model, and steps along the gradient of the loss.
    let training = try run.training(run.loadModel(), towards: SupervisedObjective())
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }

  private func settled(maxLength: Int) -> Self {
    var settled = self
    settled.data.maxLength = maxLength
    return settled
  }
}
