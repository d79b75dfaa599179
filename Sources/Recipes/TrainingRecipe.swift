import Training
import Wording

/// A recipe that trains a model on data that lie in files.
public protocol TrainingRecipe: Recipe {
  /// How long, in which batches, at which rate; each recipe has defaults of its own.
  associatedtype OwnPace: Pace

  /// The model, and how conversations are written for it.
  var model: ModelSettings { get set }
  /// The records that are trained on.
  var data: DataSettings { get set }
  /// How much of each source of them an epoch takes.
  var mixture: MixtureSettings { get set }
  /// Records that are measured and never trained on.
  var heldOut: HeldOutSettings { get set }
  /// An adapter that is trained in the place of all weights.
  var adapter: AdapterSettings { get set }
  /// How long, in which batches, at which rate.
  var pace: OwnPace { get set }
  /// How the model is moved along its gradients.
  var optimization: OptimizationSettings { get set }
  /// Where the run computes.
  var machine: MachineSettings { get set }
  /// How several processes share the work.
  var ranks: RankSettings { get set }

  /// Trains, and writes the trained model with its card; `run(observing:locating:)` calls it.
  @discardableResult
  func run(in context: RunContext) throws -> TrainingRun.Outcome
}

extension TrainingRecipe {
  /// The groups of settings, in the order of help and record.
  /// - Parameter loss: what each recipe has of its own.
  static func groups(with loss: RecipeGroup<Self>) -> [RecipeGroup<Self>] {
    [
      RecipeGroup(\.model), RecipeGroup(\.data), RecipeGroup(\.mixture), RecipeGroup(\.heldOut), loss,
      RecipeGroup(\.adapter), RecipeGroup(\.pace), RecipeGroup(\.optimization), RecipeGroup(\.machine),
      RecipeGroup(\.ranks), RecipeGroup(\.saving),
    ]
  }

  /// Trains, and writes the trained model with its card into the run's folder.
  @discardableResult
  public func run(observing observers: [any RunObserver], locating locator: any Locator) throws -> TrainingRun.Outcome {
    try run(in: RunContext(observers: observers, locator: locator, ranks: ranks))
  }

  /// What holds of every training.
  public func checkTogether() throws { try checkTraining() }

  /// Each path of the data has its weight, and nothing asks more of ranks than they keep.
  func checkTraining() throws {
    try mixture.check(for: data)
    try checkSharding()
    try checkGradients(isAdapting: adapter.loraRank != nil)
  }

  /// Sums in bfloat16 are of gradients of all weights, each of which is rounded where it is kept, and there only.
  func checkGradients(isAdapting: Bool, ranks count: Int = 1) throws {
    guard optimization.gradientDtype != .float32 else { return }
    guard !isAdapting else {
      throw SettingError(
        "\(setting: "gradient-dtype") is for training all weights; an adapter has few gradients, which stay in float32")
    }
    guard count == 1 || ranks.shard == .all else {
      throw SettingError(
        "\(setting: "gradient-dtype") bfloat16 on several ranks needs \(setting: "shard") all; otherwise they sum their gradients in float32"
      )
    }
  }

  /// A model that ranks keep together is never whole on one of them, and does not answer.
  func checkSharding() throws {
    guard ranks.shard == .all else { return }
    let answering: Wording? =
      self is any OnlineRecipe
      ? "learning from the model's own answers"
      : heldOut.evalAnswers > 0
        ? "\(setting: "eval-answers")" : heldOut.evalTask.isEmpty ? nil : "\(setting: "eval-task")"
    guard let answering else { return }
    throw SettingError(
      "\(setting: "shard") all does not go with " + answering
        + ", for which each rank needs all weights; use \(setting: "shard") optimizer")
  }

  /// A recipe with its defaults.
  /// - Parameters:
  ///   - model: a model's folder.
  ///   - data: files or folders of records.
  ///   - output: the folder to write.
  public init(model: String, data: [String], output: String) {
    self.init()
    self.model.model = model
    self.data.data = data
    saving.output = output
  }
}
