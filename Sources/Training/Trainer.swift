import Alignment
import Foundation
import Llama

/// The training loop's inside: what one step does.
public final class Trainer {
  /// What a step did.
  public struct Step: Sendable {
    /// Its number, from 1.
    public let number: Int
    /// How many epochs are done after it, with fractions.
    public let epoch: Double
    /// The batch's loss and metrics, before the update.
    public let result: BatchResult
    /// The learning rate of the update.
    public let learningRate: Double
    /// The gradient's norm before clipping.
    public let gradientNorm: Double
    /// Pairs or conversations in the batch.
    public let exampleCount: Int
    /// The time it took.
    public let seconds: Double
  }

  /// The model.
  public let model: LlamaModel
  /// The steps of the whole run.
  public let totalSteps: Int
  /// The order of the examples.
  public let order: EpochOrder
  /// How the learning rate rises and falls.
  public let schedule: LearningRateSchedule
  let optimizer: AdamW
  private let pass: BatchPass
  private let maxGradientNorm: Double
  private var epochBatches: (epoch: Int, batches: [[Int]])?

  /// Says which examples these are, in which order.
  private(set) lazy var dataFingerprint = pass.examples.fingerprint

  /// Steps done.
  public var stepCount: Int { optimizer.stepCount }

  /// A trainer of `model` on examples.
  public init(
    model: LlamaModel, examples: [TrainingExample], objective: any Objective, settings: TrainingSettings
  ) throws {
    self.model = model
    order = EpochOrder(count: examples.count, batchSize: settings.batchSize, seed: settings.shuffleSeed)
    totalSteps = settings.totalSteps(order)
    schedule = LearningRateSchedule(
      settings.schedule, peak: settings.learningRate, warmupRatio: settings.warmupRatio, totalSteps: totalSteps)
    optimizer = try AdamW(model.parameters, settings.adam)
    pass = BatchPass(
      model: model, examples: examples, objective: objective, microTokens: settings.microTokens,
      activationBytes: settings.activationBytes)
    maxGradientNorm = settings.maxGradientNorm
  }

  /// One step: the gradient of the next batch's loss, clipped, and an update along it.
  /// - Throws: `AlignmentError` or `TrainingError` where the loss or the gradient is not a number; the parameters are
  ///   then as before.
  public func step() throws -> Step {
    let start = ContinuousClock.now
    let learningRate = schedule.rate(at: stepCount)
    let batch = nextBatch()

    let result: BatchResult
    do { result = try pass.train(batch) } catch let error as AlignmentError {
      throw TrainingError("step \(stepCount + 1): \(error)")
    }
    let norm = try optimizer.gradientNorm()
    guard norm.isFinite else {
      throw TrainingError(
        "step \(stepCount + 1): the gradient is not a number in the batch that begins with "
          + "\(pass.examples[batch[0]].location); lower --learning-rate")
    }
    let scale = maxGradientNorm > 0 ? min(1, maxGradientNorm / (norm + 1e-6)) : 1
    try optimizer.step(learningRate: learningRate, gradientScale: scale)

    return Step(
      number: stepCount, epoch: epochsDone, result: result, learningRate: learningRate, gradientNorm: norm,
      exampleCount: batch.count, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func nextBatch() -> [Int] {
    let (epoch, index) = stepCount.quotientAndRemainder(dividingBy: order.batchesPerEpoch)
    if epochBatches?.epoch != epoch { epochBatches = (epoch, order.batches(epoch: epoch)) }
    return epochBatches?.batches[index] ?? []
  }

  private var epochsDone: Double {
    let (epoch, index) = stepCount.quotientAndRemainder(dividingBy: order.batchesPerEpoch)
    return Double(epoch) + min(1, Double(index * order.batchSize) / Double(order.count))
  }
}
