/// Kahneman-Tversky optimization: each rated answer counts once, as much as its label's weight says.
///
/// An example is one sequence. The columns `label` and `reference` say whether its answer is good, and what the reference
/// makes of it. Its companion is the prompt with another record's answer: z is the mean of the companions' log-ratios, and no
/// gradient flows through it.
public struct KTOObjective: SequenceObjective {
  /// The loss of an answer.
  public let answer: KTOLoss
  /// How many consecutive examples of a batch share a z; nil for the whole batch.
  public let groupSize: Int?

  /// The objective of a loss.
  public init(_ loss: KTOLoss, groupSize: Int? = nil) {
    answer = loss
    self.groupSize = groupSize
  }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// z of each example's group (Ethayarajh et al. 2024, arXiv 2402.01306: the estimate of z₀): max(0, mean of log π − log π_ref of
  /// its companions).
  public func batchColumns(
    of examples: [ScoredExample], values: () throws -> [[[Float]]]
  ) throws -> [[Column: [[Double]]]]? {
    guard answer.kind.needsDivergence else { return nil }
    let size = groupSize ?? examples.count
    return stride(from: 0, to: examples.count, by: size).flatMap { start -> [[Column: [[Double]]]] in
      let group = examples[start..<min(start + size, examples.count)]
      let ratios = group.map { $0.only(.companions) - $0.only(.referenceOfCompanions) }
      let divergence = max(0, ratios.reduce(0, +) / Double(group.count))
      return group.map { _ in [.divergence: [[divergence]]] }
    }
  }

  /// The answer's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    let isGood = example.only(.label) == 1
    let logRatio = sums[0] - example.only(.reference)
    let divergence = answer.kind.needsDivergence ? example.only(.divergence) : 0
    let (loss, slope) = answer(logRatio: logRatio, divergence: divergence, isGood: isGood)
    let reward = answer.beta * logRatio
    return SequenceLoss(
      loss: loss, slopes: [slope], metrics: Rated.metrics(isGood, reward, logps: sums[0], ("kl", divergence)))
  }

  /// The margin between good answers and bad ones.
  public func figures(from means: [String: Double]) -> [String: Double] { Rated.figures(from: means) }
}

extension Column {
  /// z of the example's group.
  static let divergence = Column("divergence")
}
