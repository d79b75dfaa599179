import Foundation
import JSON
import Reporting
import Torch
import Training

/// Writes what a run measures: `metrics.jsonl`, and event files for TensorBoard.
///
/// A line that cannot be written is no reason to lose a model; the first is spoken of.
final class RunLogs: RunObserver {
  private let folder: URL
  private let remark: (String) throws -> Void
  private var logs: (metrics: MetricsLog, tensorBoard: TensorBoardWriter)?
  /// What people look at, by its file's name.
  private var samples: [String: MetricsLog] = [:]
  private var resumedAfter: Int?
  private var owesMeasurement = false
  private var unit = ""
  private var hasToldOfLostLine = false

  /// Logs in a run's folder.
  /// - Parameter remark: takes what a person should know.
  init(folder: URL, remark: @escaping (String) throws -> Void) {
    self.folder = folder
    self.remark = remark
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .began(let start): try begin(start)
    case .stepped(let report):
      try append(line(report), at: report.step.number)
      try append(report.samples, at: report.step.number, to: "samples.jsonl")
    case .evaluated(let report):
      try append(line(report), at: report.step)
      try append(report.measurement.samples, at: report.step, to: Self.measuredSamples)
    case .saving, .finished:
      // The metrics of a step are on the disk before the checkpoint that follows it counts as whole.
      try logging { try $0.metrics.sync() }
      try logging { try $0.tensorBoard.sync() }
      for log in samples.values { try logging { _ in try log.sync() } }
    default: break
    }
  }

  private static let measuredSamples = "eval_samples.jsonl"

  private func begin(_ start: RunStart) throws {
    (resumedAfter, owesMeasurement) = (start.resumedAfter, start.owesMeasurement)
    let url = RunFolder.metrics(in: folder)
    let metrics =
      // Only the line of the step itself stands before an owed measurement, which an earlier process may have made and not kept.
      try log(url, keeping: owesMeasurement ? 1 : .max)
    let tensorBoard = try TensorBoardWriter(
      folder: folder.appending(path: "tensorboard"), resumingAfter: start.resumedAfter)
    logs = (metrics, tensorBoard)
    unit = start.words.unit
  }

  /// Begins a log, or goes on with it as the run does.
  /// - Parameter count: the most lines that are kept of the step after which it goes on.
  private func log(_ url: URL, keeping count: Int) throws -> MetricsLog {
    try resumedAfter.map { try MetricsLog(resuming: url, after: $0, keeping: count, remark: remark) }
      ?? MetricsLog(creating: url)
  }

  private func line(_ report: StepReport) -> Metrics {
    let step = report.step
    var line: Metrics = [
      "epoch": .number(report.epoch), "loss": .number(step.result.loss), "learning_rate": .number(step.learningRate),
      "grad_norm": .number(step.gradientNorm),
    ]
    for (name, value) in step.result.metrics { line[name] = .number(value) }
    for (name, value) in report.figures { line[name] = .number(value) }
    if report.figures["time/answering"] != nil { line["time/training"] = .number(step.seconds) }
    line["num_tokens"] = .integer(report.tokenCount)
    line["tokens_per_second"] = .number(Double(step.result.tokenCount) / step.seconds)
    line["\(unit)_per_second"] = .number(Double(step.exampleCount) / step.seconds)
    line["peak_memory_bytes"] = .integer(SystemMemory.peak)
    return line
  }

  private func line(_ report: EvaluationReport) -> Metrics {
    var line: Metrics = ["epoch": .number(report.epoch)]
    if let loss = report.measurement.loss { line["eval_loss"] = .number(loss) }
    for (name, value) in report.measurement.metrics { line["eval_" + name] = .number(value) }
    return line
  }

  /// Keeps samples in a file of their own, which begins with the first of them.
  private func append(_ lines: [JSON], at step: Int, to file: String) throws {
    guard !lines.isEmpty else { return }
    try logging { _ in
      let url = folder.appending(path: file)
      let log =
        try samples[file] ?? log(url, keeping: owesMeasurement && file == Self.measuredSamples ? 0 : .max)
      samples[file] = log
      for line in lines { try log.append(step: step, line.object ?? [:]) }
    }
  }

  private func append(_ line: Metrics, at step: Int) throws {
    try logging { try $0.metrics.append(step: step, line) }
    try logging { try $0.tensorBoard.append(step: step, line) }
  }

  private func logging(_ work: ((metrics: MetricsLog, tensorBoard: TensorBoardWriter)) throws -> Void) throws {
    guard let logs else { return }
    do { try work(logs) } catch {
      guard !hasToldOfLostLine else { return }
      hasToldOfLostLine = true
      try remark("\(error); training continues without writing that")
    }
  }
}
