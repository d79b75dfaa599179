import Wording

/// Training on pairs of a better and a worse answer, as DPO and its kin do: each pair counts once.
///
/// A pair is two sequences, the chosen answer's first. Where a loss compares with a reference, the column `reference` has its
/// sums, and for LD-DPO `sharedReference` too.
public struct PreferenceObjective: Objective {
  /// A loss, and how much it counts.
  struct Term {
    let kind: PreferenceLoss
    let weight: Double
    let loss: any PairLoss
    /// Whether it sees scores against the reference; otherwise the policy's log-probabilities.
    var isComparing: Bool { kind.comparesWithReference }
  }

  let terms: [Term]
  /// What the losses depend on.
  public let parameters: LossParameters
  /// How the policy is compared with the reference.
  public let comparison: Comparison
  /// Whether pairs count as much as their answers are like the policy's own (WPO); it needs the column `logSumOfSquares`.
  public let isWeighted: Bool

  /// The objective of a loss, or of the weighted sum of several.
  /// - Parameter weights: one a loss; 1 for each where they are left out.
  /// - Throws: `ObjectiveError` for what cannot be, or has no meaning for these losses.
  public init(
    _ losses: [PreferenceLoss], weights: [Double]? = nil, _ parameters: LossParameters = LossParameters(),
    _ comparison: Comparison = Comparison(), isWeighted: Bool = false
  ) throws {
    let weights = weights ?? losses.map { _ in 1 }
    try Self.check(losses, weights)
    try parameters.check(for: losses)
    try comparison.check(for: losses)
    terms = try zip(losses, weights).map { try Term(kind: $0, weight: $1, loss: $0.type.init(parameters)) }
    self.parameters = parameters
    self.comparison = comparison
    self.isWeighted = isWeighted
    try checkTerms()
  }

  /// The objective of a loss with a β.
  public init(_ loss: PreferenceLoss = .sigmoid, beta: Double = LossParameters().beta) throws {
    var parameters = LossParameters()
    parameters.beta = beta
    try self.init([loss], parameters)
  }

  /// Whether it needs what a reference says of the pairs.
  public var comparesWithReference: Bool { !comparison.isReferenceFree && terms.contains(where: \.isComparing) }

  /// Whether it also needs what the reference says of the answers as far as both go (`sharedReference`).
  public var comparesSharedLengths: Bool { comparesWithReference && comparison.ldAlpha != nil }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// The pair's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    let places = AnswerPlaces(example, values)
    let (compared, alone) = (compared(example, places), alone(places))
    let (chosen, rejected) = (comparison.score(compared.scores.chosen), comparison.score(compared.scores.rejected))
    var scored = compared
    scored.scores = Pair.Sides(chosen: chosen.value, rejected: rejected.value)

    var (loss, metrics) = (0.0, reported(terms.contains(where: \.isComparing) ? compared : alone))
    var slopes = AnswerPlaces.Slopes()
    for term in terms {
      var pair = term.isComparing ? scored : alone
      if let shifts = example[.shifts(of: term.kind)] {
        pair.shifts = Pair.Sides(chosen: shifts[0][0], rejected: shifts[1][0])
      }
      let value = term.loss(pair)
      loss += term.weight * value.loss
      if term.isComparing {
        slopes.compared.add(value.slopes, times: term.weight)
      } else {
        slopes.alone.add(value.slopes, times: term.weight)
      }
      metrics += value.metrics
    }
    slopes.compared.chosen *= chosen.slope
    slopes.compared.rejected *= rejected.slope
    if isWeighted {
      let weight = PairWeight.weight(of: example, values)
      loss *= weight
      slopes.scale(by: weight)
    }

    let likelihood = terms.reduce(0) { $0 + $1.weight * $1.loss.likelihood }
    if likelihood > 0 {
      let mean = -places.chosenTotal / (example[.chosenLength]?[0][0] ?? Double(values[0].count))
      loss += likelihood * mean
      slopes.likelihood = -likelihood / (example[.chosenLength]?[0][0] ?? Double(values[0].count))
      metrics.append(("nll_loss", mean))
    }
    return ExampleLoss(loss: loss, slopes: places.spread(slopes, ldAlpha: comparison.ldAlpha), metrics: metrics)
  }
}
