import Alignment
import JSON

/// What is made of rewarded answers: the examples that a method trains on.
public protocol OnlineMethod {
  /// How many steps each rollout is trained on.
  var stepsPerRollout: Int { get }

  /// The batches of a rollout.
  func batches(of rollout: Rollout) throws -> OnlineBatches
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
