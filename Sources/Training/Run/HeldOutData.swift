import Alignment
import JSON
import Objectives
import Wording

/// What is measured and never trained on.
public protocol HeldOut {
  /// How many examples or prompts there are.
  var count: Int { get }

  /// Whether they are measured before the first step too.
  var isMeasuredFirst: Bool { get }

  /// Measures all of them.
  /// - Parameters:
  ///   - objective: what the model is trained towards, as it is by now.
  ///   - isLast: whether the last step is done.
  ///   - progress: called with the number of examples done; where it throws `RunInterruption` on one of several ranks, all of them
  ///     throw it.
  func measure(
    towards objective: any Objective, isLast: Bool, progress: (Int) throws -> Void
  ) throws -> Measurement
}

/// What was found on held-out data.
public struct Measurement: Sendable {
  /// The loss; nil where only other figures are measured.
  public let loss: Double?
  /// Other figures, by the names that metrics have.
  public var metrics: TextKeyed<Double>
  /// What was measured where people should be able to look at it: an object a line.
  public let samples: [JSON]
  /// What benchmarks came to, by names such as `gsm8k/exact_match`; they are among the metrics too.
  public private(set) var scores: TextKeyed<Double> = [:]

  /// Adds a benchmark's score.
  public mutating func add(score: Double, of name: String) {
    scores[name] = score
    metrics[name] = score
  }

  /// Figures, and perhaps a loss.
  public init(loss: Double? = nil, metrics: TextKeyed<Double>, samples: [JSON] = []) {
    self.loss = loss
    self.metrics = metrics
    self.samples = samples
  }
}

/// Examples that are measured and never trained on.
public struct HeldOutData: HeldOut {
  private let pass: BatchPass
  let examples: [TrainingExample]
  let batchSize: Int
  let reference: MovingReference?
  let atTheEnd: () throws -> TextKeyed<Double>

  /// Held-out examples, measured in batches.
  /// - Parameters:
  ///   - reference: what they are compared with, where that moves; otherwise their columns say it.
  ///   - atTheEnd: what else is measured after the last step, by the first rank alone.
  public init(
    _ examples: [TrainingExample], pass: BatchPass, batchSize: Int, reference: MovingReference? = nil,
    atTheEnd: @escaping () throws -> TextKeyed<Double> = { [:] }
  ) {
    self.reference = reference
    self.examples = examples
    self.pass = pass
    self.batchSize = batchSize
    self.atTheEnd = atTheEnd
  }

  /// The number of examples.
  public var count: Int { examples.count }

  /// What is compared with others of a run is measured after its epochs.
  public var isMeasuredFirst: Bool { false }

  /// The loss and metrics over all of them.
  public func measure(
    towards objective: any Objective, isLast: Bool, progress: (Int) throws -> Void
  ) throws -> Measurement {
    var pass = pass
    pass.objective = objective
    var result: BatchResult?
    for batch in EpochOrder(count: examples.count, batchSize: batchSize, seed: nil).batches(epoch: 0) {
      let own = batch.map { examples[$0] }
      let part = try pass.evaluate(reference?.scored(own) ?? own)
      result?.merge(part)
      result = result ?? part
      try pass.ranks.interruptedTogether { try progress(min(examples.count, (batch.last ?? 0) + 1)) }
    }
    guard let result else { throw TrainingError("the held-out data hold no example") }
    var measurement = Measurement(loss: result.loss, metrics: result.metrics)
    guard isLast else { return measurement }
    let more = try pass.ranks.interruptedTogether { pass.ranks.isFirst ? try atTheEnd() : [:] }
    measurement.metrics.merge(more, uniquingKeysWith: { $1 })
    return measurement
  }
}
