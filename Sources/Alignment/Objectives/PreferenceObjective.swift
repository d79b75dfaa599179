/// Direct preference optimization: each pair counts once.
public struct PreferenceObjective: Objective {
  let loss: PreferenceLoss
  let references: [PreferenceLoss.Sides]

  /// The objective for pairs with these log-probabilities under the reference, in the order of the data set; empty
  /// where the loss needs none.
  public init(loss: PreferenceLoss, references: [PreferenceLoss.Sides]) {
    self.loss = loss
    self.references = references
  }

  /// One.
  public func weight(of example: TrainingExample) -> Double { 1 }

  /// The pair's loss, and the figures that TRL reports of it.
  public func evaluate(_ example: TrainingExample, at index: Int, sums: [Double]) -> ExampleLoss {
    let lengths = PreferenceLoss.Sides(
      chosen: Double(example.sequences[0].scoredCount), rejected: Double(example.sequences[1].scoredCount))
    let policy = PreferenceLoss.Sides(chosen: sums[0], rejected: sums[1])
    let reference = loss.kind.needsReference ? references[index] : PreferenceLoss.Sides(chosen: 0, rejected: 0)
    let (value, gradient, rewards) = loss(policy: policy, reference: reference, lengths: lengths)
    // SimPO sees averages where the others see sums, and reports what it sees.
    let reported =
      loss.kind == .simpo
      ? PreferenceLoss.Sides(chosen: policy.chosen / lengths.chosen, rejected: policy.rejected / lengths.rejected)
      : policy
    return ExampleLoss(
      loss: value, gradient: [gradient.chosen, gradient.rejected],
      metrics: [
        "rewards/chosen": rewards.chosen,
        "rewards/rejected": rewards.rejected,
        "rewards/accuracies": rewards.chosen > rewards.rejected ? 1 : 0,
        "rewards/margins": rewards.chosen - rewards.rejected,
        "logps/chosen": reported.chosen,
        "logps/rejected": reported.rejected,
      ])
  }
}
