import ArgumentParser
import Collectives
import JSON
import Recipes
import Terminal
import Training

/// What a training command says on standard error, and how a signal stops it.
final class TrainingScreen: RunObserver {
  private var line: ProgressLine?
  private var evaluation: ProgressLine?
  private var step = 0
  private var figures: [(heading: String, metric: String)] = []

  var asksToStop: Bool { Interruption.isRequested }

  func observe(_ event: RunEvent) {
    switch event {
    case .tokenized(let use):
      // A run before may have ended in the middle of a line.
      line?.hide()
      (line, evaluation) = (nil, nil)
      say(use)
    case .loading(let load): say(load)
    case .scored(let done, let total):
      // What was done before the first word took a time that nobody measured.
      line = line ?? ProgressLine("reference", total: total, unit: "records", done: done)
      line?.update(done: done)
    case .scoredAll(_, let allWereKnown):
      end()
      if allWereKnown { note("  all of them were known from an earlier run") }
    case .stoppedScoring(let done):
      line?.note("stopped after \(done) records, whose scores are kept; continue with --resume")
    case .began(let start):
      figures = start.words.figures.map { ($0.heading, $0.metric) }
      step = start.resumedAfter ?? 0
      line = ProgressLine("training", total: start.totalSteps, unit: "steps", done: step)
    case .answering(let done, let total): line?.update(done: step, [("answered", Double(done)), ("of", Double(total))])
    case .stepped(let report):
      step = report.step.number
      let metrics = report.step.result.metrics.merging(report.figures, uniquingKeysWith: { $1 })
      line?.update(done: step, shown(report.step.result.loss, metrics))
    case .evaluating(let done, let total):
      if evaluation == nil { line?.hide() }
      evaluation = evaluation ?? ProgressLine("evaluating", total: total, unit: "examples", done: done)
      if done < total { evaluation?.update(done: done) }
    case .evaluated(let report):
      evaluation?.update(
        done: report.count,
        shown(report.measurement.loss, report.measurement.metrics)
          + report.measurement.scores.map { ($0.key, $0.value) })
      evaluation?.finish()
      evaluation = nil
    case .saving: line?.hide()
    case .saved: break
    case .remark(let words): say(words.onCommandLine)
    case .stopped(let step, let total):
      line?.note("stopped after step \(step) of \(total); continue with --resume")
    case .finished: end()
    }
  }

  private func end() {
    line?.finish()
    line = nil
  }

  private func say(_ text: String) {
    if line != nil { line?.note(text) } else { note(text) }
  }

  private func say(_ use: DataUse) {
    for line in use.reading?.description.split(separator: "\n").dropFirst() ?? [] { note("  " + line) }
    let sequences = use.sequences
    note(
      "\(use.purpose == .training ? "training on" : "held out"): \(sequences.kept) of \(use.readCount) "
        + "\(use.isUnfolded ? "answers" : "records") from \(use.names.joined(separator: ", ")), \(sequences.tokens) tokens"
        + (use.drawnCount.map { "; each epoch takes \($0)" } ?? "")
    )
    for line in sequences.lines { note("  " + line) }
  }

  private func say(_ load: ModelLoad) {
    Interruption.install()
    note("loading \(load.folder.relativePath): \(load.parameterCount) parameters")
    note("memory\(load.rankCount > 1 ? " a rank" : ""): about \(MemoryEstimate.text(load.memory.total))")
    for part in load.memory.parts { note("  \(MemoryEstimate.text(part.bytes)) \(part.name)") }
    guard load.memory.recomputedLayers > 0 else { return }
    note(
      "  \(load.memory.recomputedLayers) of \(load.layerCount) layers are computed again in the backward pass for the longest sequences"
    )
  }

  private func shown(_ loss: Double?, _ metrics: TextKeyed<Double>) -> [(String, Double)] {
    (loss.map { [("loss", $0)] } ?? [])
      + figures.compactMap { figure in metrics[figure.metric].map { (figure.heading, $0) } }
  }
}

extension Recipe {
  /// Runs the recipe for a person at the terminal, and prints the folder of the model.
  /// - Throws: `ExitCode` where a signal stopped it.
  func runOnScreen() throws {
    let outcome = try run(observing: [TrainingScreen()], locating: HubLocator())
    guard outcome == .finished else { throw ExitCode(Interruption.exitCode ?? 130) }
    guard Launch.isFirst else { return }
    note("the model is in \(saving.output)")
    try output(saving.output + "\n")
  }
}
