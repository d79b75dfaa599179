import Alignment
import Foundation
import JSON
import Llama
import ModelFiles
import Wording

/// The loop of a run, and its checkpoints.
///
/// Whatever is on disk is whole at any moment. A run that resumes repeats the arithmetic of one that never stopped.
public final class TrainingRun {
  /// How a run ended.
  public enum Outcome: Sendable, Equatable {
    /// All steps are done.
    case finished
    /// It was asked to stop, and saved its state.
    case interrupted
  }

  private let folder: URL
  /// What takes the steps.
  public let trainer: Trainer
  private var source: any BatchSource
  private let reference: MovingReference?
  private let critic: Trainer?
  private let heldOut: (any HeldOut)?
  private let evaluateEvery: Int?
  private let writer: ModelFolderWriter
  private let saveEvery: Int
  private let keep: Int
  private let observers: [any RunObserver]
  private var tokenCount: Int
  /// The epochs that were done when a measurement of held-out data was broken off, until it is made up for.
  private var unmeasuredEpoch: Double?
  private let resumedAfter: Int?

  /// Begins a run in a folder, or goes on with it from its newest checkpoint.
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - reference: what examples are compared with, where that moves; otherwise their columns say it.
  ///   - evaluateEvery: steps between measurements of held-out data, besides those after epochs.
  ///   - critic: what takes steps on the same batches beside the trainer: the training of PPO's value model.
  ///   - writer: how checkpoints are written as model folders.
  ///   - saveEvery: steps between checkpoints.
  ///   - keep: the number of checkpoints kept.
  ///   - resuming: whether to go on; where there is no checkpoint yet, from the beginning.
  public init(
    folder: URL, trainer: Trainer, source: any BatchSource, reference: MovingReference? = nil,
    critic: Trainer? = nil, heldOut: (any HeldOut)?, evaluateEvery: Int? = nil, writer: ModelFolderWriter,
    saveEvery: Int, keep: Int,
    resuming: Bool, observers: [any RunObserver]
  ) throws {
    self.folder = folder
    self.trainer = trainer
    self.source = source
    self.reference = reference
    self.critic = critic
    self.heldOut = heldOut
    self.evaluateEvery = evaluateEvery
    self.writer = writer
    self.saveEvery = saveEvery
    self.keep = keep
    self.observers = observers
    let checkpoint = resuming ? try Checkpoint.newest(in: folder, among: trainer.ranks) : nil
    let progress = try checkpoint?.restore(trainer, &self.source, reference, critic: critic) {
      try observers.observe(.remark(Wording($0)))
    }
    tokenCount = progress?.tokenCount ?? 0
    unmeasuredEpoch = progress?.unmeasuredEpoch
    resumedAfter = resuming ? trainer.stepCount : nil
  }

  /// Trains until all steps are done, or until an observer asks to stop.
  /// - Throws: errors of the data, the model, the disk or an observer; the newest checkpoint stays usable.
  public func run() throws -> Outcome {
    let total = source.totalSteps
    try observers.observe(
      .began(
        RunStart(
          totalSteps: total, resumedAfter: resumedAfter, owesMeasurement: unmeasuredEpoch != nil,
          words: trainer.objective.words, schedule: trainer.schedule)))
    do { try train(to: total) } catch is RunInterruption { return try stop(of: total) }
    try observers.observe(.finished)
    return .finished
  }

  /// - Throws: `RunInterruption` where an observer asks to stop.
  private func train(to total: Int) throws {
    if heldOut?.isMeasuredFirst == true, trainer.stepCount == 0 { try evaluate(epoch: 0, of: total) }
    if let unmeasuredEpoch { try evaluate(epoch: unmeasuredEpoch, of: total) }
    while trainer.stepCount < total {
      let batch = try source.batch(after: trainer.stepCount)
      let step = try trainer.step(on: reference?.scored(batch.examples) ?? batch.examples)
      let beside = try critic?.step(on: batch.examples)
      try reference?.follow(after: step.number)
      tokenCount += step.result.tokenCount
      try observers.observe(
        .stepped(
          StepReport(
            step: step, epoch: batch.epoch, tokenCount: tokenCount,
            figures: batch.figures.merging(beside?.figures ?? [:], uniquingKeysWith: { $1 }), samples: batch.samples)))

      let isLast = step.number == total
      let isDue = evaluateEvery.map { step.number.isMultiple(of: $0) } ?? false
      if isLast || batch.endsEpoch || isDue { try evaluate(epoch: batch.epoch, of: total) }
      // A signal reaches one rank before another, or one only.
      if try trainer.ranks.any(observers.asksToStop), !isLast { throw RunInterruption() }
      if step.number % saveEvery == 0 { try save(step.number) }
    }
  }

  /// Saves what is done and not yet saved.
  private func stop(of total: Int) throws -> Outcome {
    let step = trainer.stepCount
    if step > 0, try Checkpoint.newest(in: folder, among: trainer.ranks)?.step != step { try save(step) }
    try observers.observe(.stopped(step: step, of: total))
    return .interrupted
  }

  /// Measures the held-out data with the weights as they are. What is broken off is owed, and made up for when the run goes on.
  private func evaluate(epoch: Double, of total: Int) throws {
    guard let heldOut else { return }
    let (step, count) = (trainer.stepCount, heldOut.count)
    unmeasuredEpoch = epoch
    try observers.observe(.evaluating(done: 0, total: count))
    let measurement = try heldOut.measure(towards: trainer.objective, isLast: step == total) {
      try observers.observe(.evaluating(done: $0, total: count))
      if $0 < count, observers.asksToStop { throw RunInterruption() }
    }
    unmeasuredEpoch = nil
    try observers.observe(
      .evaluated(EvaluationReport(step: step, epoch: epoch, measurement: measurement, count: count)))
  }

  private func save(_ step: Int) throws {
    try observers.observe(.saving(step: step))
    let checkpoint = try Checkpoint.write(
      trainer, source, reference, critic: critic,
      progress: Checkpoint.Progress(tokenCount: tokenCount, unmeasuredEpoch: unmeasuredEpoch), as: writer, in: folder,
      keep: keep)
    try observers.observe(.saved(checkpoint))
  }
}

extension Trainer.Step {
  /// What it measured, as figures of another's step.
  fileprivate var figures: TextKeyed<Double> {
    var figures = result.metrics
    figures["val/grad_norm"] = gradientNorm
    figures["time/value_training"] = seconds
    return figures
  }
}
