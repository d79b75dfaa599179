import Alignment
import Collectives
import Foundation
import Llama
import Objectives
import Wording

/// The training loop's inside: what one step does with a batch.
public final class Trainer {
  /// What a step did.
  public struct Step: Sendable {
    /// Its number, from 1.
    public let number: Int
    /// The batch's loss and metrics, before the update.
    public let result: BatchResult
    /// The learning rate of the update.
    public let learningRate: Double
    /// The gradient's norm before clipping.
    public let gradientNorm: Double
    /// Examples in the batch.
    public let exampleCount: Int
    /// The time it took.
    public let seconds: Double
  }

  /// The model.
  public let model: LlamaModel
  /// What it is trained towards.
  public var objective: any Objective { pass.objective }
  /// How the learning rate rises and falls.
  public let schedule: LearningRateSchedule
  let optimizer: AdamW
  private var pass: BatchPass
  private let maxGradientNorm: Double

  /// Who takes the steps together.
  var ranks: any Communicator { pass.ranks }

  /// Steps done.
  public var stepCount: Int { optimizer.stepCount }

  /// A trainer of `model` for a run of so many steps.
  /// - Parameters:
  ///   - head: what the objective sees of the model; without it, log-probabilities.
  ///   - ranks: the processes that take its steps together, each with its share of every batch.
  public init(
    model: LlamaModel, head: (any Head)? = nil, objective: any Objective, settings: TrainingSettings, totalSteps: Int,
    among ranks: any Communicator = OneProcess()
  ) throws {
    self.model = model
    schedule = LearningRateSchedule(
      settings.schedule, peak: settings.learningRate, final: settings.finalLearningRate,
      warmupRatio: settings.warmupRatio, totalSteps: totalSteps)
    optimizer = try AdamW(model.trained, settings.adam, among: ranks)
    pass = BatchPass(
      model: model, head: head, objective: objective, microTokens: settings.microTokens,
      activationBytes: settings.activationBytes, among: ranks)
    maxGradientNorm = settings.maxGradientNorm
  }

  /// Has the objective recall what a checkpoint holds of it.
  func recall(_ memory: [String: Double]) throws { try pass.objective.recall(memory) }

  /// One step: the gradient of the batch's loss, clipped, and an update along it.
  /// - Throws: `TrainingError` where the loss or the gradient is not a number; the parameters are then as before.
  public func step(on batch: [TrainingExample]) throws -> Step {
    let start = ContinuousClock.now
    let learningRate = schedule.rate(at: stepCount)
    model.adapter?.begin(step: stepCount)
    model.trained.beginGradients(step: stepCount)

    let result: BatchResult
    do {
      try pass.note(batch)
      result = try pass.train(batch, weight: pass.weight(of: batch))
    } catch let error as TrainingError {
      throw TrainingError("step \(stepCount + 1): \(error)", isDivergence: error.isDivergence)
    }
    try optimizer.reduceGradients()
    let norm = try optimizer.gradientNorm()
    guard norm.isFinite else {
      throw TrainingError(
        "step \(stepCount + 1): the gradient is not a number in the batch that begins with "
          + "\(batch[0].location); lower \(setting: "learning-rate")", isDivergence: true)
    }
    let scale = maxGradientNorm > 0 ? min(1, maxGradientNorm / (norm + 1e-6)) : 1
    try optimizer.step(learningRate: learningRate, gradientScale: scale)

    return Step(
      number: stepCount, result: result, learningRate: learningRate, gradientNorm: norm, exampleCount: batch.count,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }
}
