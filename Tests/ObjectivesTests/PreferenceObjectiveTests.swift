import Testing

@testable import Objectives

/// What several losses, modifiers and batches make of a loss.
@Suite struct PreferenceObjectiveTests {
  /// Three pairs with answers of different lengths; numbers are such that float32 keeps steps of 1/1024.
  private static let values: [[[Float]]] = [
    [[-1.5, -0.25, -2], [-0.5, -1]], [[-0.75, -1.25], [-1, -0.5, -0.125, -2.5]], [[-3, -0.5], [-0.25, -1.75]],
  ]
  private static let reference: [[[Double]]] = [[[-4], [-1.25]], [[-1.5], [-5]], [[-3.25], [-2.5]]]

  private static func examples(prompts: Bool = false) -> [ScoredExample] {
    zip(values, reference).map { values, reference in
      var columns: [Column: [[Double]]] = [.reference: reference, .sharedReference: reference.map { [$0[0] / 2] }]
      if prompts { columns[.isAnswer] = [values[0].indices.map { $0 > 0 ? 1 : 0 }, values[1].map { _ in 1 }] }
      return ScoredExample(counts: values.map(\.count), columns: columns)
    }
  }

  /// Each example's loss in its batch.
  private static func losses(
    _ objective: PreferenceObjective, _ examples: [ScoredExample], _ values: [[[Float]]] = values
  ) throws -> [ExampleLoss] {
    let columns = try objective.batchColumns(of: examples) { values }
    return examples.indices.map { index in
      let all = examples[index].columns.merging(columns?[index] ?? [:]) { $1 }
      return objective.loss(of: ScoredExample(counts: examples[index].counts, columns: all), values: values[index])
    }
  }

  /// Compares the slope of every place with differences of the whole batch's loss.
  private static func expectSlopes(_ objective: PreferenceObjective, prompts: Bool = false) throws {
    let (examples, h) = (examples(prompts: prompts), Float(1) / 1024)
    let own = try losses(objective, examples)
    for pair in values.indices {
      for side in 0..<2 {
        for place in values[pair][side].indices {
          func total(_ step: Float) throws -> Double {
            var values = values
            values[pair][side][place] += step
            return try losses(objective, examples, values).reduce(0) { $0 + $1.loss }
          }
          let difference = (try total(h) - total(-h)) / Double(2 * h)
          #expect(abs(difference - own[pair].slopes[side][place]) < 3e-6, "pair \(pair), side \(side), place \(place)")
        }
      }
    }
  }

  @Test(arguments: PreferenceLoss.allCases) func slopesOfABatch(loss: PreferenceLoss) throws {
    var parameters = LossParameters()
    parameters.labelSmoothing = loss.takes("label-smoothing") ? 0.1 : 0
    try Self.expectSlopes(PreferenceObjective([loss], parameters))
  }

  @Test(arguments: FDivergence.allCases, [PreferenceLoss.sigmoid, .ipo])
  func slopesOfDivergences(divergence: FDivergence, loss: PreferenceLoss) throws {
    var comparison = Comparison()
    comparison.divergence = divergence
    try Self.expectSlopes(PreferenceObjective([loss], LossParameters(), comparison))
  }

  @Test func slopesOfAllTogether() throws {
    var (parameters, comparison) = (LossParameters(), Comparison())
    parameters.labelSmoothing = 0.1
    parameters.beta = 0.5
    comparison.ldAlpha = 0.25
    let objective = try PreferenceObjective(
      [.aot, .aotUnpaired, .bcoPair, .sft, .simpo, .cpo], weights: [0.5, 0.25, 0.75, 1.5, 0.125, 2], parameters,
      comparison)
    try Self.expectSlopes(objective)
  }

  @Test func slopesOfLikelihoodsWithPrompts() throws {
    var parameters = LossParameters()
    parameters.orpoPromptLoss = true
    try Self.expectSlopes(PreferenceObjective([.orpo, .sigmoid], parameters), prompts: true)
  }

  @Test func severalLossesAreAddedWithTheirWeights() throws {
    let examples = Self.examples()
    let parts = try [PreferenceLoss.sigmoid, .bcoPair, .sft].map {
      try Self.losses(PreferenceObjective([$0]), examples).map(\.loss)
    }
    let mpo = try Self.losses(PreferenceObjective([.sigmoid, .bcoPair, .sft], weights: [0.8, 0.2, 1]), examples)
    for pair in examples.indices {
      let sum = 0.8 * parts[0][pair] + 0.2 * parts[1][pair] + parts[2][pair]
      #expect(abs(mpo[pair].loss - sum) < 1e-12)
    }
    // The chosen answers' tokens, each with the same weight: 3 + 2 + 2 of them.
    let mean = parts[2].reduce(0, +) / 3
    #expect(abs(mean - 9.25 / 7) < 1e-12)
  }

  /// LD-DPO (arXiv 2409.06411): what goes beyond the shorter answer counts α.
  @Test func lengthsAreDesensitized() throws {
    var comparison = Comparison()
    comparison.ldAlpha = 0.5
    let objective = try PreferenceObjective([.hinge], LossParameters(), comparison)
    let metrics = try Self.losses(objective, Self.examples())[0].metrics
    func metric(_ name: String) -> Double? { metrics.first { $0.name == name }?.value }
    // −1.5 − 0.25 and half of −2; the reference's are halved by half.
    #expect(metric("logps/chosen") == -2.75 && metric("logps/rejected") == -1.5)
    #expect(metric("rewards/chosen") == 0.1 * (-2.75 + 3))
  }

  /// WPO (arXiv 2406.11827, equation 2): answers as likely as the policy's own count 1, and no gradient flows through weights.
  @Test func pairsAreWeighted() throws {
    let values: [[Float]] = [[-1, -2], [-3]]
    let columns: [Column: [[Double]]] = [.reference: [[-2], [-4]], .logSumOfSquares: [[-2, -1], [-1]]]
    let example = ScoredExample(counts: [2, 1], columns: columns)
    let plain = try PreferenceObjective([.ncaPair]).loss(of: example, values: values)
    let weighted = try PreferenceObjective([.ncaPair], isWeighted: true).loss(of: example, values: values)
    let weight = 0.1353352832366127  // e^−2: the chosen answer's is e^0.
    #expect(abs(weighted.loss - weight * plain.loss) < 1e-15)
    #expect(abs(weighted.slopes[0][1] - weight * plain.slopes[0][1]) < 1e-15)
    #expect(abs(weighted.slopes[1][0] - weight * plain.slopes[1][0]) < 1e-15)
  }

  @Test(
    arguments: [
      (["sigmoid", "sigmoid"], [1, 1], "'loss' has sigmoid twice; name it once, with its weight"),
      (["sigmoid", "sft"], [1], "'loss-weights' has 1 of them for 2 of 'loss'; give each its own"),
      (["sigmoid"], [0], "'loss-weights' must be greater than 0, not 0.0"),
      (["exo-pair"], [1], "'loss' exo-pair needs 'label-smoothing' greater than 0; its paper takes 0.001"),
      ([], [], "'loss' names none"),
    ] as [([String], [Double], String)])
  func lossesThatCannotBe(names: [String], weights: [Double], message: String) {
    let error = #expect(throws: ObjectiveError.self) {
      try PreferenceObjective(names.compactMap(PreferenceLoss.init(named:)), weights: weights)
    }
    #expect(error?.description == message)
  }

  @Test func comparisonsThatMeanNothing() {
    func message(_ losses: [PreferenceLoss], _ change: (inout Comparison) -> Void) -> String? {
      var comparison = Comparison()
      change(&comparison)
      do { _ = try PreferenceObjective(losses, LossParameters(), comparison); return nil } catch { return "\(error)" }
    }
    #expect(
      message([.bcoPair]) { $0.divergence = .forwardKL }
        == "'f-divergence' has no meaning for 'loss' bco-pair, which is not made of a margin alone; leave it out")
    #expect(
      message([.simpo]) { $0.divergence = .js } == "'f-divergence' has no meaning for 'loss' simpo; leave it out")
    #expect(
      message([.sigmoid]) { $0.alpha = 0.3 }
        == "'f-alpha' has a meaning for 'f-divergence' alpha-divergence only; leave it out")
    #expect(
      message([.orpo]) { $0.isReferenceFree = true }
        == "'reference-free' has no meaning for 'loss' orpo; leave it out")
    #expect(
      message([.cpo, .sft]) { $0.ldAlpha = 0.5 } == "'ld-alpha' has no meaning for 'loss' cpo,sft; leave it out")
    #expect(message([.sigmoid]) { $0.ldAlpha = 1.5 } == "'ld-alpha' must be from 0 to 1, not 1.5")
    let both = message([.sigmoid]) { ($0.isReferenceFree, $0.divergence) = (true, .js) }
    #expect(
      both == "'f-divergence' has no meaning with 'reference-free': there is nothing to diverge from")
  }

  @Test(arguments: FDivergence.allCases, [-1e6, -90, 90, 1e6])
  func divergencesOfVeryDifferentModelsStayFinite(divergence: FDivergence, difference: Double) {
    for alpha in [-2, 0, 0.5, 1, 3] {
      let (value, slope) = divergence.score(difference, alpha: alpha)
      #expect(value.isFinite && slope.isFinite && slope >= 0)
    }
  }

  /// An answer that is certain has no finite odds, and yet a loss.
  @Test func certainAnswersStayFinite() throws {
    let example = ScoredExample(counts: [2, 1])
    for values in [[[0, 0], [0]], [[0, 0], [-1]], [[-1, -1], [0]]] as [[[Float]]] {
      let loss = try PreferenceObjective(.orpo).loss(of: example, values: values)
      #expect(loss.loss.isFinite && loss.slopes.joined().allSatisfy(\.isFinite))
    }
  }

  @Test func whatNeedsNoReferenceSaysSo() throws {
    for loss in PreferenceLoss.allCases {
      var parameters = LossParameters()
      parameters.labelSmoothing = loss == .exoPair ? 0.1 : 0
      let needs = ![PreferenceLoss.sft, .simpo, .alphapo, .orpo, .cpo].contains(loss)
      #expect(try PreferenceObjective([loss], parameters).comparesWithReference == needs, "\(loss)")
      guard needs else { continue }
      var comparison = Comparison()
      comparison.isReferenceFree = true
      #expect(try !PreferenceObjective([loss, .sft], parameters, comparison).comparesWithReference)
      #expect(try PreferenceObjective([loss, .sft], parameters).comparesWithReference)
    }
  }
}
