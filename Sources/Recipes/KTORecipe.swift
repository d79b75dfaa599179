import Alignment
import Datasets
import ModelFiles
import Objectives
import Training
import Wording

/// Kahneman-Tversky optimization: aligns a model with single answers that are rated good or bad. The defaults are TRL's loss at the
/// pace of Tulu 2.5's preference optimization.
public struct KTORecipe: TrainingRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The rated answers; a pair is two.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Answers that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// The loss.
  public var rating = KTOSettings()
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

    // The data, on their way from files to token sequences, and from these to pairs that do not match.
    var ratings = try RatedData.read(self, beginning)
    try RatedData.remarkBalance(ratings, of: rating, context)
    var settled = self
    if rating.loss.needsDivergence {
      try RatedData.addMismatchedAnswers(to: &ratings, of: self, beginning)
      // A companion belongs to its place in a batch: batches stay as they are in every epoch.
      settled.optimization.noShuffle = true
    }
    var run = try RecipeRun(settled, beginning, data: ratings)

    // The model, what the reference makes of the data, and steps along the gradient of the loss.
    let policy = try run.loadModel()
    guard try ReferencePhase.score(&run, policy: policy) else { return .interrupted }
    let training = try run.training(
      policy, towards: KTOObjective(rating.ktoLoss, groupSize: rating.klBatchSize))
    return try training.run() == .finished ? run.finish(training) : .interrupted
  }

  /// Each path has its weight, and z needs answers that can be exchanged.
  public func checkTogether() throws {
    try checkTraining()
    guard rating.loss.needsDivergence else { return }
    guard pace.batchSize > 1 else {
      throw SettingError(
        "\(setting: "batch-size") must be at least 2 for \(setting: "loss") kto, whose z is of a batch")
    }
    guard rating.klBatchSize.map({ $0 <= pace.batchSize }) ?? true else {
      throw SettingError(
        "\(setting: "kl-batch-size") must be at most \(setting: "batch-size"), which is \(pace.batchSize)")
    }
  }
}
