import Alignment
import Foundation
import JSON
import Llama
import ModelFiles
import Reporting

/// A training run with all it leaves on disk: metrics, TensorBoard events, checkpoints.
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
  private let trainer: Trainer
  private let heldOut: HeldOutData?
  private let writer: ModelFolderWriter
  private let saveEvery: Int
  private let keep: Int
  private let metrics: MetricsLog
  private let tensorBoard: TensorBoardWriter
  private var tokenCount: Int
  /// What is to be said of the first line that a log could not take, and whether it was.
  private var lostLine: String?
  private var hasToldOfLostLine = false

  /// Begins a run in a folder, or goes on with it from its newest checkpoint.
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - writer: how checkpoints are written as model folders.
  ///   - saveEvery: steps between checkpoints.
  ///   - keep: the number of checkpoints kept.
  ///   - resuming: whether to go on; where there is no checkpoint yet, from the beginning.
  public init(
    folder: URL, trainer: Trainer, heldOut: HeldOutData?, writer: ModelFolderWriter, saveEvery: Int, keep: Int,
    resuming: Bool
  ) throws {
    self.folder = folder
    self.trainer = trainer
    self.heldOut = heldOut
    self.writer = writer
    self.saveEvery = saveEvery
    self.keep = keep
    let checkpoint = resuming ? Checkpoint.all(in: folder).last : nil
    tokenCount = try checkpoint?.restore(trainer) ?? 0
    let log = RunFolder.metrics(in: folder)
    metrics = try resuming ? MetricsLog(resuming: log, after: trainer.stepCount) : MetricsLog(creating: log)
    tensorBoard = try TensorBoardWriter(
      folder: folder.appending(path: "tensorboard"), resumingAfter: resuming ? trainer.stepCount : nil)
  }

  /// Trains until all steps are done, or until a signal asks to stop.
  /// - Throws: errors of the data, the model or the disk; the newest checkpoint stays usable.
  public func run() throws -> Outcome {
    var progress = ProgressLine("training", total: trainer.totalSteps, unit: "steps", done: trainer.stepCount)
    while trainer.stepCount < trainer.totalSteps {
      let step = try trainer.step()
      record(step)
      progress.update(done: step.number, step.result.summary)
      if let lostLine, !hasToldOfLostLine {
        progress.note(lostLine)
        hasToldOfLostLine = true
      }

      let isLast = step.number == trainer.totalSteps
      if let heldOut, isLast || step.number % trainer.order.batchesPerEpoch == 0 {
        progress.hide()
        try evaluate(heldOut, at: step)
      }
      let isInterrupted = Interruption.isRequested
      if step.number % saveEvery == 0 || (isInterrupted && !isLast) {
        progress.hide()
        try save()
      }
      if isInterrupted && !isLast {
        progress.note("stopped after step \(step.number) of \(trainer.totalSteps); go on with --resume")
        return .interrupted
      }
    }
    progress.finish()
    syncLogs()
    return .finished
  }

  private func record(_ step: Trainer.Step) {
    tokenCount += step.result.tokenCount
    var line: Metrics = [
      "epoch": .number(step.epoch), "loss": .number(step.result.loss), "learning_rate": .number(step.learningRate),
      "grad_norm": .number(step.gradientNorm),
    ]
    for (name, value) in step.result.metrics { line[name] = .number(value) }
    line["num_tokens"] = .integer(tokenCount)
    line["tokens_per_second"] = .number(Double(step.result.tokenCount) / step.seconds)
    let isPaired = step.result.metrics["rewards/margins"] != nil
    line[isPaired ? "pairs_per_second" : "conversations_per_second"] = .number(Double(step.exampleCount) / step.seconds)
    line["peak_memory_bytes"] = .integer(SystemMemory.peak)
    append(line, at: step)
  }

  private func evaluate(_ heldOut: HeldOutData, at step: Trainer.Step) throws {
    var progress = ProgressLine("evaluating", total: heldOut.count, unit: "examples")
    let result = try heldOut.measure { if $0 < heldOut.count { progress.update(done: $0) } }
    progress.update(done: heldOut.count, result.summary)
    progress.finish()
    var line: Metrics = ["epoch": .number(step.epoch), "eval_loss": .number(result.loss)]
    for (name, value) in result.metrics { line["eval_" + name] = .number(value) }
    append(line, at: step)
  }

  private func append(_ line: Metrics, at step: Trainer.Step) {
    logging { try metrics.append(step: step.number, line) }
    logging { try tensorBoard.append(step: step.number, line) }
  }

  private func syncLogs() {
    logging { try metrics.sync() }
    logging { try tensorBoard.sync() }
  }

  /// Does what a log asks for. A line that cannot be written is no reason to lose a model; the first is spoken of.
  private func logging(_ work: () throws -> Void) {
    do { try work() } catch { lostLine = lostLine ?? "\(error); training goes on without what the log cannot take" }
  }

  /// The metrics of a step are on the disk before the checkpoint that follows it counts as whole.
  private func save() throws {
    syncLogs()
    try Checkpoint.write(trainer, tokenCount: tokenCount, as: writer, in: folder, keep: keep)
  }
}

extension BatchResult {
  /// What the progress line shows.
  fileprivate var summary: KeyValuePairs<String, Double> {
    guard let accuracy = metrics["rewards/accuracies"], let margin = metrics["rewards/margins"] else {
      return ["loss": loss]
    }
    return ["loss": loss, "accuracy": accuracy, "margin": margin]
  }
}
