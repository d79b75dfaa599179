/// Supervised fine-tuning: −log p of each scored token, averaged over all scored tokens of the batch.
public struct SupervisedObjective: SequenceObjective {
  /// The objective; it has no parameters.
  public init() {}

  /// As many as it has scored tokens.
  public func weight(of example: ScoredExample) -> Double { Double(example.counts.reduce(0, +)) }

  /// −log p, summed over all scored tokens.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    SequenceLoss(loss: -sums.reduce(0, +), slopes: sums.map { _ in -1 })
  }
}
