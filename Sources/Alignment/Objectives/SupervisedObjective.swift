/// Supervised fine-tuning: −log p of each scored token, averaged over all scored tokens of the batch.
public struct SupervisedObjective: Objective {
  /// The objective; it has no parameters.
  public init() {}

  /// As many as it has scored tokens.
  public func weight(of example: TrainingExample) -> Double { Double(example.scoredCount) }

  /// −log p, summed over all scored tokens.
  public func evaluate(_ example: TrainingExample, at index: Int, sums: [Double]) -> ExampleLoss {
    ExampleLoss(loss: -sums.reduce(0, +), gradient: sums.map { _ in -1 })
  }
}
