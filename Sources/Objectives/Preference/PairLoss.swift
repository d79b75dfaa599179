/// A loss of a pair: how far the policy is from preferring the chosen answer. One file under `Losses` is one loss, and
/// `PreferenceLoss` is the table of all.
///
/// In formulas c and r are the log-probabilities of the chosen and the rejected answer, summed over their scored tokens, of
/// which there are |c| and |r|; Δ is the policy's less the reference's; σ is the logistic function.
protocol PairLoss: Sendable {
  /// What help says of it: what it is called where it comes from, and what it asks for.
  static var summary: String { get }
  /// How a model was trained with it, for its card.
  static var method: PreferenceMethod { get }
  /// Where it comes from.
  static var papers: [Paper] { get }
  /// The parameters that have a meaning for it.
  static var parameters: Set<LossParameter> { get }
  /// Whether it compares with a reference model; one that does not sees the policy's log-probabilities as scores.
  static var comparesWithReference: Bool { get }
  /// What it adds to the scores of each pair of a batch, given all of them; nil where a pair's loss is a matter of that pair
  /// alone.
  static var shifts: (@Sendable (_ batch: [Pair]) -> [Pair.Sides])? { get }

  /// The loss with its parameters.
  /// - Throws: `ObjectiveError` for one that it cannot have.
  init(_ parameters: LossParameters) throws

  /// The loss of one pair, and its slopes.
  func callAsFunction(_ pair: Pair) -> PairLossValue

  /// How much the chosen answers' negative log-likelihood, averaged over all their tokens of the batch, is added to it.
  var likelihood: Double { get }
  /// Whether it means log-probabilities averaged over an answer's tokens where it speaks of the policy alone.
  var reportsAverages: Bool { get }
  /// What it takes for an answer's reward, before β, of the answer's score, summed or averaged.
  func reward(_ score: Double) -> Double
  /// The same in words, where it compares with no reference.
  var rewardWords: String { get }
  /// Its value where all scores are 0, as a formula; nil where there is none better than the number.
  var firstValue: String? { get }
}

extension PairLoss {
  static var method: PreferenceMethod { .dpo }
  static var parameters: Set<LossParameter> { [.beta] }
  static var comparesWithReference: Bool { true }
  static var shifts: (@Sendable (_ batch: [Pair]) -> [Pair.Sides])? { nil }
  var likelihood: Double { 0 }
  var reportsAverages: Bool { false }
  func reward(_ score: Double) -> Double { score }
  var rewardWords: String { reportsAverages ? "its mean log-probability a token" : "its log-probability" }
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

  /// A loss, and its slopes.
  init(_ loss: Double, slopes chosen: Double, _ rejected: Double, metrics: [(name: String, value: Double)] = []) {
    self.loss = loss
    slopes = Pair.Sides(chosen: chosen, rejected: rejected)
    self.metrics = metrics
  }
}

/// How training with a loss is called: in a sentence, and as a tag.
struct PreferenceMethod: Sendable, Equatable {
  let tag: String
  let name: String

  static let dpo = PreferenceMethod(tag: "dpo", name: "direct preference optimization (DPO)")
}
