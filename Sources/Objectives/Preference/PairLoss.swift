/// A loss of a pair: how far the policy is from preferring the chosen answer. One file under `Losses` is one loss, and
/// `PreferenceLoss` is the table of all.
///
/// In formulas c and r are the log-probabilities of the chosen and the rejected answer, summed over their scored tokens, of
/// which there are |c| and |r|; Δ is the policy's less the reference's; σ is the logistic function.
protocol PairLoss: Sendable {
  /// What help says of it: its name in the field, and what it asks for.
  static var summary: String { get }
  /// Where it comes from.
  static var papers: [Paper] { get }
  /// The parameters that have a meaning for it.
  static var parameters: Set<LossParameter> { get }
  /// Whether it compares with a reference model; one that does not sees the policy's log-probabilities as scores.
  static var comparesWithReference: Bool { get }

  /// The loss with its parameters.
  /// - Throws: `ObjectiveError` for one that it cannot have.
  init(_ parameters: LossParameters) throws

  /// The loss of one pair, and its slopes.
  func callAsFunction(_ pair: Pair) -> PairLossValue

  /// What it takes from the other pairs of a batch: two numbers for each; nil where it takes nothing.
  func numbers(ofBatch batch: PairBatch) throws -> [Pair.Sides]?

  /// Whether it means log-probabilities averaged over an answer's tokens where it speaks of the policy alone.
  var reportsAverages: Bool { get }
  /// Its value where all scores are 0, as a formula; nil where there is no better one than the number.
  var firstValue: String? { get }
}

extension PairLoss {
  static var parameters: Set<LossParameter> { [.beta] }
  static var comparesWithReference: Bool { true }
  func numbers(ofBatch batch: PairBatch) throws -> [Pair.Sides]? { nil }
  var reportsAverages: Bool { false }
  var firstValue: String? { nil }
}

/// A pair's loss.
struct PairLossValue {
  /// The loss.
  var loss: Double
  /// Its derivatives with respect to the two scores.
  var slopes: Pair.Sides
  /// Other figures, by the names that metrics have.
  var metrics: [(name: String, value: Double)] = []
}

/// The pairs of a batch, for losses that look at them together.
struct PairBatch {
  /// How long the answers of each pair are.
  let lengths: [Pair.Sides]
  /// The pairs as the loss sees them; it costs a forward of the batch.
  let pairs: () throws -> [Pair]
}
