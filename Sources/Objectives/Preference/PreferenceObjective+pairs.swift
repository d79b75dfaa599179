extension Column {
  /// Whether a scored place is an answer's, 1 or 0, where the prompt is scored too.
  public static let isAnswer = Column("is answer")
  /// The sum of a sequence's log-probabilities under the reference as far as the shorter answer goes, one number a sequence.
  public static let sharedReference = Column("shared reference")
  /// How many scored tokens the chosen sequences of a batch have in the mean.
  static let chosenLength = Column("chosen length")
  /// What a loss takes from the other pairs of a batch.
  static func shifts(of loss: PreferenceLoss) -> Column { Column("shifts of \(loss.rawValue)") }
}

extension PreferenceObjective {
  /// The pair as it is compared with the reference. What LD-DPO (Liu et al. 2024, arXiv 2409.06411) makes of a sum is α of it and
  /// 1 − α of its shared part.
  func compared(_ example: ScoredExample, _ places: AnswerPlaces) -> Pair {
    var (policy, reference) = (places.sums, reference(example, .reference))
    if let α = comparison.ldAlpha {
      func desensitized(_ whole: Double, _ shared: Double) -> Double { α * whole + (1 - α) * shared }
      policy = policy.with(places.sharedSums, desensitized)
      reference = reference.with(self.reference(example, .sharedReference), desensitized)
    }
    return Pair(policy: policy, reference: reference, lengths: places.lengths)
  }

  /// The pair as losses see it that have no reference.
  func alone(_ places: AnswerPlaces) -> Pair {
    Pair(policy: places.sums, reference: Pair.Sides(chosen: 0, rejected: 0), lengths: places.lengths)
  }

  private func reference(_ example: ScoredExample, _ column: Column) -> Pair.Sides {
    guard comparesWithReference else { return Pair.Sides(chosen: 0, rejected: 0) }
    guard let sums = example[column] else { preconditionFailure("the pair has no \(column.name) scores") }
    return Pair.Sides(chosen: sums[0][0], rejected: sums[1][0])
  }

  /// What losses of whole batches take from it: sorted scores, and the chosen answers' mean length.
  public func batchColumns(
    of examples: [ScoredExample], values: () throws -> [[[Float]]]
  ) throws -> [[Column: [[Double]]]]? {
    var columns: [[Column: [[Double]]]] = examples.map { _ in [:] }
    if terms.contains(where: { $0.loss.likelihood > 0 }) {
      let mean = Double(examples.reduce(0) { $0 + $1.counts[0] }) / Double(examples.count)
      for index in columns.indices { columns[index][.chosenLength] = [[mean]] }
    }
    let matching = terms.filter { $0.kind.type.shifts != nil }
    if !matching.isEmpty {
      let batch = zip(examples, try values()).map { compared($0, AnswerPlaces($0, $1)) }
      for term in matching {
        for (index, shifts) in (term.kind.type.shifts?(batch) ?? []).enumerated() {
          columns[index][.shifts(of: term.kind)] = [[shifts.chosen], [shifts.rejected]]
        }
      }
    }
    return columns.contains { !$0.isEmpty } ? columns : nil
  }

  /// The figures that TRL reports of a pair: rewards are β times the summed log-ratio whatever the loss. SimPO and ORPO, which
  /// have no reference, mean averages, and AlphaPO rewards of its shape.
  func reported(_ pair: Pair) -> [(name: String, value: Double)] {
    let loss = terms.contains(where: \.isComparing) ? nil : terms[0].loss
    let averages = loss?.reportsAverages ?? false
    let share = averages ? pair.shares : Pair.Sides(chosen: 1, rejected: 1)
    let rewards = pair.scores.with(share) { score, share in
      loss.map { parameters.beta * $0.reward(score * share) } ?? parameters.beta * score * share
    }
    let policy = averages ? pair.policy.with(pair.lengths, /) : pair.policy
    return [
      ("rewards/chosen", rewards.chosen),
      ("rewards/rejected", rewards.rejected),
      ("rewards/accuracies", rewards.chosen > rewards.rejected ? 1 : 0),
      ("rewards/margins", rewards.margin),
      ("logps/chosen", policy.chosen),
      ("logps/rejected", policy.rejected),
    ]
  }
}
