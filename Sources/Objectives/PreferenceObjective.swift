/// Direct preference optimization: each pair counts once.
///
/// A pair is two sequences, the chosen answer's first. Where the loss needs a reference, the column `reference` has its sums.
public struct PreferenceObjective: SequenceObjective {
  /// The loss of a pair.
  public let preference: PreferenceLoss

  /// The objective of a loss.
  public init(_ preference: PreferenceLoss) { self.preference = preference }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// The pair's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    let lengths = PreferenceLoss.Sides(chosen: Double(example.counts[0]), rejected: Double(example.counts[1]))
    let policy = PreferenceLoss.Sides(chosen: sums[0], rejected: sums[1])
    let (value, gradient, rewards) = preference(policy: policy, reference: reference(of: example), lengths: lengths)
    // SimPO sees averages where the others see sums, and reports what it sees.
    let reported =
      preference.kind == .simpo
      ? PreferenceLoss.Sides(chosen: policy.chosen / lengths.chosen, rejected: policy.rejected / lengths.rejected)
      : policy
    return SequenceLoss(
      loss: value, slopes: [gradient.chosen, gradient.rejected],
      metrics: [
        "rewards/chosen": rewards.chosen,
        "rewards/rejected": rewards.rejected,
        "rewards/accuracies": rewards.chosen > rewards.rejected ? 1 : 0,
        "rewards/margins": rewards.chosen - rewards.rejected,
        "logps/chosen": reported.chosen,
        "logps/rejected": reported.rejected,
      ])
  }

  private func reference(of example: ScoredExample) -> PreferenceLoss.Sides {
    guard preference.kind.needsReference, let sums = example[.reference] else {
      precondition(!preference.kind.needsReference, "the pair has no reference scores")
      return PreferenceLoss.Sides(chosen: 0, rejected: 0)
    }
    return PreferenceLoss.Sides(chosen: sums[0][0], rejected: sums[1][0])
  }
}
