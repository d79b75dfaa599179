import Foundation
import JSON
import TestSupport
import Testing

@testable import Objectives

/// TRL's own functions on four pairs in double precision.
@Suite(.enabled(if: RecordedLosses.exist, "no shared/gold/offline beside the package")) struct RecordedLossesTests {
  @Test(
    arguments: [
      ("sigmoid", .sigmoid, 0), ("hinge", .hinge, 0), ("ipo", .ipo, 0), ("sigmoid_norm", .dpoNorm, 0),
      ("exo_pair(eps .1)", .exoPair, 0.1), ("nca_pair", .ncaPair, 0), ("robust(eps .1)", .robust, 0.1),
      ("cdpo(eps .1)", .sigmoid, 0.1), ("bco_pair", .bcoPair, 0), ("sppo_hard", .sppoHard, 0), ("aot", .aot, 0),
      ("aot_unpaired", .aotUnpaired, 0), ("apo_zero", .apoZero, 0), ("apo_down", .apoDown, 0),
      ("discopop", .discopop, 0),
    ] as [(String, PreferenceLoss, Double)])
  func comparedWithAReference(row: String, loss: PreferenceLoss, smoothing: Double) throws {
    try expect(row, [loss]) { parameters, _ in parameters.labelSmoothing = smoothing }
  }

  @Test(
    arguments: [
      ("sigmoid f=forward_kl", .forwardKL), ("sigmoid f=js_divergence", .js), ("sigmoid f=alpha .5", .alpha),
    ] as [(String, FDivergence)])
  func divergences(row: String, divergence: FDivergence) throws {
    try expect(row, [.sigmoid]) { _, comparison in comparison.divergence = divergence }
  }

  @Test func withoutAReference() throws {
    try expect("simpo beta 2 gamma .5 (margin gamma/beta)", [.simpo]) { parameters, _ in parameters.beta = 2 }
    try expect("cpo sigmoid (sums)", [.cpo]) { parameters, _ in parameters.cpoAlpha = 0 }
    try expect("cpo sigmoid (sums)", [.sigmoid]) { _, comparison in comparison.isReferenceFree = true }
    // The row is the odds' part alone.
    let (pairs, orpo) = (try RecordedLosses(), ORPOLoss(LossParameters()))
    let row = try #require(pairs.losses["orpo odds term (beta .1): -beta*logsigmoid(log_odds)"])
    for (example, expected) in zip(pairs.examples, row) {
      let places = AnswerPlaces(example.scored, example.values)
      let pair = Pair(policy: places.sums, reference: Pair.Sides(chosen: 0, rejected: 0), lengths: places.lengths)
      #expect(abs(orpo(pair).loss - expected) < 1e-9)
    }
  }

  private func expect(
    _ row: String, _ losses: [PreferenceLoss], _ change: (inout LossParameters, inout Comparison) -> Void
  ) throws {
    let recorded = try RecordedLosses()
    var (parameters, comparison) = (LossParameters(), Comparison())
    change(&parameters, &comparison)
    let objective = try PreferenceObjective(losses, parameters, comparison)
    let columns = try objective.batchColumns(of: recorded.examples.map(\.scored)) { recorded.examples.map(\.values) }
    var own = recorded.examples.enumerated().map { index, example in
      let beside = example.scored.columns.merging(columns?[index] ?? [:]) { $1 }
      return objective.loss(of: ScoredExample(counts: example.scored.counts, columns: beside), values: example.values)
        .loss
    }
    var expected = try #require(recorded.losses[row])
    // The rows of sorted batches are sorted, ours stand with their pairs.
    if row.hasPrefix("aot") { (own, expected) = (own.sorted(), expected.sorted()) }
    for (own, expected) in zip(own, expected) { #expect(abs(own - expected) < 1e-9, "\(row)") }
    #expect(own.count == 4 && expected.count == 4)
  }
}

/// The file of recorded losses.
struct RecordedLosses {
  private static let file = Checkout.shared("gold/offline/losses.json")
  static var exist: Bool { FileManager.default.fileExists(atPath: file.path) }

  /// What an objective sees: sums are put on the first place, since they are all that is recorded.
  let examples: [(scored: ScoredExample, values: [[Float]])]
  /// The losses of the four pairs, by how they were computed.
  let losses: [String: [Double]]

  init() throws {
    let json = try JSON(parsing: [UInt8](Data(contentsOf: Self.file)))
    func numbers(_ key: String) throws -> [Double] { try #require(json[key]?.array).compactMap(\.double) }
    let sides = [
      (try numbers("policy_chosen"), try numbers("reference_chosen"), try numbers("tokens_chosen")),
      (try numbers("policy_rejected"), try numbers("reference_rejected"), try numbers("tokens_rejected")),
    ]
    examples = (0..<4).map { pair in
      let counts = sides.map { Int($0.2[pair]) }
      return (
        ScoredExample(counts: counts, columns: [.reference: sides.map { [$0.1[pair]] }]),
        sides.map { [Float($0.0[pair])] + Array(repeating: 0, count: Int($0.2[pair]) - 1) }
      )
    }
    losses = try #require(json["losses"]?.object).reduce(into: [:]) {
      $0[$1.key] = $1.value.array?.compactMap(\.double)
    }
  }
}
