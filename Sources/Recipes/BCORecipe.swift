import Alignment
import Datasets
import ModelFiles
import Objectives
import Training

/// Binary classifier optimization: aligns a model with single answers that are rated good or bad, by telling the good from the bad.
public struct BCORecipe: TrainingRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The rated answers; a pair is two.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Answers that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var rating = BCOSettings()
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
  public static let groups: [RecipeGroup<Self>] = groups(with: RecipeGroup(\.rating))

  /// Trains, and writes the trained model with its card.
  @discardableResult
  public func run(in context: RunContext) throws -> TrainingRun.Outcome {
    try check()
    let beginning = try RunBeginning(self, reference: rating.reference, context)

    // The data, on their way from files to token sequences.
    let ratings = try RatedData.read(self, beginning)
    try RatedData.remarkCounts(ratings, context)
    var run = try RecipeRun(self, beginning, data: ratings)

    // The model, what the reference makes of the data, and steps along the gradient of the loss.
    let policy = try run.loadModel()
    guard try ReferencePhase.score(&run, policy: policy) else { return .interrupted }
    let training = try run.training(policy, towards: BCOObjective(rating.bcoLoss))
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }
}
