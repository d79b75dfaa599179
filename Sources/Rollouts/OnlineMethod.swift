import Alignment
import JSON

/// What is made of rewarded answers: the examples that a method trains on.
public protocol OnlineMethod {
  /// How many steps each rollout is trained on.
  var stepsPerRollout: Int { get }

  /// The batches of a rollout.
  mutating func batches(of rollout: Rollout) throws -> OnlineBatches

  /// What it keeps from rollout to rollout, as a checkpoint holds it; null where that is nothing.
  var state: JSON { get }

  /// Puts it where it was when a checkpoint was written.
  /// - Throws: `TrainingError` where that is not what it keeps.
  mutating func restore(_ state: JSON) throws
}

extension OnlineMethod {
  /// Nothing.
  public var state: JSON { .null }

  /// There is nothing to put back.
  public mutating func restore(_ state: JSON) throws {}
}

/// The examples of a rollout, and which of them each step is trained on.
public struct OnlineBatches: Sendable {
  /// The examples.
  public let examples: [TrainingExample]
  /// For each step the places of its examples.
  public let order: [[Int]]
  /// What was measured, by the names that metrics have.
  public var figures: TextKeyed<Double>
  /// The rollout's prompts and answers for people to look at: an object each answer.
  public var samples: [JSON]

  /// Batches.
  public init(
    examples: [TrainingExample], order: [[Int]], figures: TextKeyed<Double> = [:], samples: [JSON] = []
  ) {
    (self.examples, self.order, self.figures, self.samples) = (examples, order, figures, samples)
  }
}
