import Alignment
import Collectives
import JSON

/// Where the batches of a run come from: a shuffled file, or answers that the model itself has just given.
public protocol BatchSource {
  /// The steps of the whole run.
  var totalSteps: Int { get }

  /// The batch of the step that `step` others precede. Steps are asked for in their order; after `restore`, from that step on.
  mutating func batch(after step: Int) throws -> SourcedBatch

  /// Says what is trained on, in which order; a run is only resumed on the same.
  var fingerprint: String { get }

  /// What of it a checkpoint must hold; null where everything follows from the step.
  var state: JSON { get }

  /// Puts it where it was when a checkpoint was written.
  mutating func restore(_ state: JSON) throws
}

/// What the making of a batch or a measurement throws that was asked to stop before it was whole. Nothing of it is kept: a resumed
/// run begins it again.
public struct RunInterruption: Error {
  /// The interruption.
  public init() {}
}

extension Communicator {
  /// The result of some work that each rank does at its own pace, or for all of them; if that of one is interrupted, all are once they
  /// have come to its end.
  /// - Throws: `RunInterruption`, on every rank or on none.
  package func interruptedTogether<Result>(_ work: () throws -> Result) throws -> Result {
    var result: Result?
    do { result = try work() } catch is RunInterruption {}
    guard try !any(result == nil), let result else { throw RunInterruption() }
    return result
  }
}

extension BatchSource {
  /// Nothing.
  public var state: JSON { .null }

  /// Does nothing.
  public mutating func restore(_ state: JSON) throws {}
}

/// A batch, and how far through the data it leads.
public struct SourcedBatch: Sendable {
  /// The examples.
  public let examples: [TrainingExample]
  /// How many epochs are done after it, with fractions.
  public let epoch: Double
  /// Whether it is the last of an epoch, after which held-out data are measured.
  public let endsEpoch: Bool
  /// What was measured while it was made, by the names that metrics have.
  public var figures: TextKeyed<Double> = [:]
  /// What it was made of where people should be able to look at it: an object a line.
  public var samples: [JSON] = []

  /// A batch.
  public init(examples: [TrainingExample], epoch: Double, endsEpoch: Bool) {
    self.examples = examples
    self.epoch = epoch
    self.endsEpoch = endsEpoch
  }
}
