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
