import Alignment
import Datasets
import ModelFiles
import Objectives
import Training

/// Direct preference optimization: aligns a model with pairs of better and worse answers. The defaults are those of Tulu 2.5.
public struct DPORecipe: Recipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The pairs.
  public var data = DataSettings()
  /// Pairs that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var preference = PreferenceSettings()
  /// How long, in which batches, at which rate.
  public var pace = DPOPace()
  /// How the model is moved along its gradients.
  public var optimization = OptimizationSettings()
  /// Where the run computes.
  public var machine = MachineSettings()
  /// Where it writes.
  public var saving = SavingSettings()

  /// The defaults.
  public init() {}

  /// A recipe with the defaults of Tulu 2.5.
  /// - Parameters:
  ///   - model: a model's folder.
  ///   - data: files or folders of pairs.
  ///   - output: the folder to write.
  public init(model: String, data: [String], output: String) {
    self.model.model = model
    self.data.data = data
    saving.output = output
  }

  /// The groups of settings.
  public static let groups: [RecipeGroup<Self>] = [
    RecipeGroup(\.model), RecipeGroup(\.data), RecipeGroup(\.heldOut), RecipeGroup(\.preference), RecipeGroup(\.pace),
    RecipeGroup(\.optimization), RecipeGroup(\.machine), RecipeGroup(\.saving),
  ]

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(observing observers: [any RunObserver], locating locator: any Locator) throws -> TrainingRun.Outcome {
    try check()
    let context = RunContext(observers: observers, locator: locator)
    let (base, format) = (try context.model(model.model), try context.format(model))
    let reference = try preference.reference.map(context.model)
    _ = try reference?.openWeights()
    let limits = data.limits([base.config] + (reference.map { [$0.config] } ?? []))
    let builder = try SequenceBuilder(format: format, mask: data.lossMask)
    let record = RunRecord(settled(maxLength: limits.maximumLength))
    let lock = try saving.prepare(for: base, record)
    try machine.start()

    // The data, on their way from files to token sequences.
    let pairs = try TrainingData(data, heldOut, seed: optimization.seed, context, prompt: \PreferencePair.prompt) {
      try builder.examples($0, limits: limits)
    }
    var run = try RecipeRun(
      context, record, base: base, reference: reference, sequences: builder, data: pairs, lock: lock, saving,
      optimization, pace, machine)

    // The model, and what the reference makes of the data.
    let policy = try run.loadModel()
    if preference.loss.needsReference {
      guard try ReferencePhase.score(&run, policy: policy) else { return .interrupted }
    }

    // Steps along the gradient of the loss, and the aligned model.
    let training = try run.training(policy, towards: PreferenceObjective(preference.preferenceLoss))
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }

  private func settled(maxLength: Int) -> Self {
    var settled = self
    settled.data.maxLength = maxLength
    return settled
  }
}
