import Alignment
import Collectives
import Foundation
import JSON
import Objectives

/// What a pass over a batch, or over several, found.
public struct BatchResult: Sendable {
  /// The sum of the examples' weights.
  public private(set) var weight: Double
  /// Tokens of all sequences; what a pair's answers share counts for both, as TRL counts.
  public private(set) var tokenCount = 0
  /// Where the first example lies whose loss is not a number, if there is one.
  private(set) var divergence: String?
  private let objective: any Objective
  private var totalLoss = 0.0
  /// For each metric, the sum over the examples that have it, and the sum of their weights.
  private var totals: TextKeyed<(value: Double, weight: Double)> = [:]
  private var least: TextKeyed<Double> = [:]
  private var greatest: TextKeyed<Double> = [:]

  init(weight: Double, _ objective: any Objective) {
    self.weight = weight
    self.objective = objective
  }

  mutating func add(_ loss: ExampleLoss, _ example: TrainingExample, weight: Double) {
    if !loss.loss.isFinite { divergence = divergence ?? example.location.description }
    totalLoss += loss.loss
    tokenCount += example.tokenCount
    for (name, value) in loss.metrics { add(value, weight, to: name) }
    for (name, value, weight) in loss.sums { add(value, weight, to: name) }
    for (name, value) in loss.least { least[name] = min(least[name] ?? value, value) }
    for (name, value) in loss.greatest { greatest[name] = max(greatest[name] ?? value, value) }
  }

  private mutating func add(_ value: Double, _ weight: Double, to name: String) {
    let total = totals[name] ?? (0, 0)
    totals[name] = (total.value + value, total.weight + weight)
  }

  /// The name of the mean log-ratio: how much likelier an answer is to the model than to the reference, in nats a scored token.
  /// Of a pair it is the chosen answer's. It is measured on the data's answers and not on the model's own, which the KL divergence
  /// would be of.
  public static let logRatio = "log_ratio"

  mutating func addLogRatio(of example: TrainingExample, _ values: [[Float]], weight: Double) {
    guard let sum = example.columns[.reference]?.first?.first, let own = values.first, !own.isEmpty else { return }
    let difference = own.reduce(0.0) { $0 + Double($1) } - sum
    add(weight * difference / Double(own.count), weight, to: Self.logRatio)
  }

  /// Joins another batch's result to this one, weighted as its examples are.
  public mutating func merge(_ other: BatchResult) {
    weight += other.weight
    tokenCount += other.tokenCount
    totalLoss += other.totalLoss
    divergence = divergence ?? other.divergence
    for (name, total) in other.totals { add(total.value, total.weight, to: name) }
    for (name, value) in other.least { least[name] = min(least[name] ?? value, value) }
    for (name, value) in other.greatest { greatest[name] = max(greatest[name] ?? value, value) }
  }

  /// The result of a batch whose parts ranks have computed, on all of them; its weight is that of the whole batch already.
  func joined(among ranks: any Communicator) throws -> BatchResult {
    guard ranks.count > 1 else { return self }
    var all = BatchResult(weight: 0, objective)
    for bytes in try ranks.gather(encoded()) { all.merge(try Self.decoded(bytes, objective)) }
    all.weight = weight
    return all
  }

  /// What a rank tells the others, numbers to the bit.
  private struct Part: Codable {
    struct Named: Codable {
      let name: String
      let numbers: [Double]
    }
    let tokenCount: Int
    let loss: Double
    let divergence: String?
    let totals, least, greatest: [Named]
  }

  private func encoded() throws -> [UInt8] {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return try [UInt8](
      encoder.encode(
        Part(
          tokenCount: tokenCount, loss: totalLoss, divergence: divergence,
          totals: totals.map { Part.Named(name: $0, numbers: [$1.value, $1.weight]) },
          least: least.map { Part.Named(name: $0, numbers: [$1]) },
          greatest: greatest.map { Part.Named(name: $0, numbers: [$1]) })))
  }

  private static func decoded(_ bytes: [UInt8], _ objective: any Objective) throws -> BatchResult {
    let part = try PropertyListDecoder().decode(Part.self, from: Data(bytes))
    var result = BatchResult(weight: 0, objective)
    (result.tokenCount, result.totalLoss, result.divergence) = (part.tokenCount, part.loss, part.divergence)
    for total in part.totals { result.totals[total.name] = (total.numbers[0], total.numbers[1]) }
    for least in part.least { result.least[least.name] = least.numbers[0] }
    for greatest in part.greatest { result.greatest[greatest.name] = greatest.numbers[0] }
    return result
  }

  /// The weighted mean of the examples' losses; 0 where nothing was to be learned.
  public var loss: Double { weight == 0 ? 0 : totalLoss / weight }
  /// The weighted means of the objective's other figures, each over the examples that have it, what follows from them, and
  /// the least and the greatest.
  public var metrics: TextKeyed<Double> {
    var means: TextKeyed<Double> = [:]
    for (name, total) in totals where total.weight != 0 { means[name] = total.value / total.weight }
    let derived = objective.figures(from: Dictionary(uniqueKeysWithValues: means.map { ($0.key, $0.value) }))
    for (name, value) in derived.sorted(by: { $0.key < $1.key }) { means[name] = value }
    for (name, value) in least { means[name] = value }
    for (name, value) in greatest { means[name] = value }
    return means
  }
}
