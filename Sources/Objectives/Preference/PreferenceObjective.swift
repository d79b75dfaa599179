import Wording

/// Training on pairs of a better and a worse answer, as DPO and its kin do: each pair counts once.
///
/// A pair is two sequences, the chosen answer's first. Where a loss needs a reference, the column `reference` has its sums.
public struct PreferenceObjective: SequenceObjective {
  /// Which loss.
  public let kind: PreferenceLoss
  /// Its parameters.
  public let parameters: LossParameters
  let loss: any PairLoss

  /// The objective of a loss.
  /// - Throws: `ObjectiveError` for a parameter that cannot be, or has no meaning for the loss.
  public init(_ kind: PreferenceLoss, _ parameters: LossParameters) throws {
    try parameters.check()
    for parameter in parameters.given where !kind.type.parameters.contains(parameter) {
      throw ObjectiveError(
        "\(setting: parameter.rawValue) has no meaning for \(setting: "loss") \(kind.rawValue); leave it out")
    }
    self.kind = kind
    self.parameters = parameters
    loss = try kind.type.init(parameters)
  }

  /// The objective of a loss with a β.
  public init(_ kind: PreferenceLoss, beta: Double = 0.1) throws {
    var parameters = LossParameters()
    parameters.beta = beta
    try self.init(kind, parameters)
  }

  /// Whether it needs the column `reference`.
  public var comparesWithReference: Bool { kind.comparesWithReference }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// The pair's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    let pair = Pair(
      policy: Pair.Sides(chosen: sums[0], rejected: sums[1]), reference: reference(of: example),
      lengths: Pair.Sides(chosen: Double(example.counts[0]), rejected: Double(example.counts[1])))
    let value = loss(pair)
    return SequenceLoss(
      loss: value.loss, slopes: [value.slopes.chosen, value.slopes.rejected], metrics: metrics(of: pair))
  }

  /// Rewards are β times the summed log-ratio whatever the loss, as TRL reports them. SimPO has no reference and means averages.
  private func metrics(of pair: Pair) -> KeyValuePairs<String, Double> {
    let share = loss.reportsAverages ? pair.shares : Pair.Sides(chosen: 1, rejected: 1)
    let rewards = pair.scores.with(share) { parameters.beta * $0 * $1 }
    let reported = loss.reportsAverages ? pair.policy.with(pair.lengths, /) : pair.policy
    return [
      "rewards/chosen": rewards.chosen,
      "rewards/rejected": rewards.rejected,
      "rewards/accuracies": rewards.chosen > rewards.rejected ? 1 : 0,
      "rewards/margins": rewards.margin,
      "logps/chosen": reported.chosen,
      "logps/rejected": reported.rejected,
    ]
  }

  private func reference(of example: ScoredExample) -> Pair.Sides {
    guard comparesWithReference, let sums = example[.reference] else {
      precondition(!comparesWithReference, "the pair has no reference scores")
      return Pair.Sides(chosen: 0, rejected: 0)
    }
    return Pair.Sides(chosen: sums[0][0], rejected: sums[1][0])
  }
}
