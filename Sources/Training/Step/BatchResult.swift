import Alignment
import JSON
import Objectives

/// What a pass over a batch, or over several, found.
public struct BatchResult: Sendable {
  /// The sum of the examples' weights.
  public private(set) var weight: Double
  /// Tokens of all sequences; what a pair's answers share counts for both, as TRL counts.
  public private(set) var tokenCount = 0
  private var totalLoss = 0.0
  private var totals: TextKeyed<Double> = [:]

  init(weight: Double) { self.weight = weight }

  mutating func add(_ loss: ExampleLoss, _ example: TrainingExample) {
    totalLoss += loss.loss
    tokenCount += example.tokenCount
    for (name, value) in loss.metrics { totals[name, default: 0] += value }
  }

  /// The name of the mean log-ratio: how much likelier an answer is to the model than to the reference, in nats a scored token.
  /// Of a pair it is the chosen answer's. It is measured on the data's answers and not on the model's own, which the KL divergence
  /// would be of.
  public static let logRatio = "log_ratio"

  mutating func addLogRatio(of example: TrainingExample, _ values: [[Float]], weight: Double) {
    guard let sum = example.columns[.reference]?.first?.first, let own = values.first, !own.isEmpty else { return }
    let difference = own.reduce(0.0) { $0 + Double($1) } - sum
    totals[Self.logRatio, default: 0] += weight * difference / Double(own.count)
  }

  /// Adds figures that were measured apart from the examples.
  mutating func add(_ figures: TextKeyed<Double>) {
    for (name, value) in figures { totals[name] = value * weight }
  }

  /// Joins another batch's result to this one, weighted as its examples are.
  public mutating func merge(_ other: BatchResult) {
    weight += other.weight
    tokenCount += other.tokenCount
    totalLoss += other.totalLoss
    for (name, value) in other.totals { totals[name, default: 0] += value }
  }

  /// The weighted mean of the examples' losses.
  public var loss: Double { totalLoss / weight }
  /// The weighted means of the objective's other figures.
  public var metrics: TextKeyed<Double> { totals.mapValues { $0 / weight } }
}
