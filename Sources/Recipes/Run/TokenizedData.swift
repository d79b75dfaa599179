import Alignment

/// The data of a sweep's latest run, for the runs after it that make the same of theirs.
final class TokenizedData {
  /// All that decides what becomes of a run's data.
  struct Key: Equatable {
    private let model: ModelSettings
    private let data: DataSettings
    private let mixture: MixtureSettings
    private let heldOut: HeldOutSettings
    private let limits: SequenceBuilder.Limits
    /// What draws, where something is drawn.
    private let seed: UInt64?

    init(_ recipe: some TrainingRecipe, _ limits: SequenceBuilder.Limits) {
      (model, data, mixture, heldOut) = (recipe.model, recipe.data, recipe.mixture, recipe.heldOut)
      self.limits = limits
      seed = mixture.dataWeights != nil || heldOut.evalFraction > 0 ? recipe.optimization.seed : nil
    }
  }

  private var latest: (key: Key, data: TrainingData)?

  /// The data, where they were the same.
  subscript(key: Key) -> TrainingData? {
    get { latest?.key == key ? latest?.data : nil }
    set { latest = newValue.map { (key, $0) } }
  }
}
