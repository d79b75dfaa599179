import Foundation
import JSON
import Reporting
import Training

/// What a run measured, read back from its `metrics.jsonl`: also what it did before it was resumed.
struct RunHistory {
  /// All steps, in order.
  private(set) var steps: [ModelCard.Step] = []
  /// The figures of the last evaluation, by name; empty where nothing was held out.
  private(set) var lastEvaluation: [(name: String, value: Double)] = []
  /// The tokens that were trained on.
  private(set) var tokenCount = 0
  /// The seconds that the steps took.
  private(set) var seconds = 0.0

  /// Why it is not the whole history, on one line; nil where it is.
  private(set) var gap: String?

  private let figures: [String]

  /// The history of the run of so many steps in a folder, as far as its metrics are there.
  /// - Parameter figures: the metrics that are kept of each step besides its loss.
  init(folder: URL, stepCount: Int, figures: [String]) {
    self.figures = figures
    let path = RunFolder.metrics(in: folder).path
    guard let contents = FileManager.default.contents(atPath: path) else {
      gap = "\(path) cannot be read"
      return
    }
    let lines = MetricsLines(Array(contents)) { add($0, $1) }
    if let line = lines.foreign.first { gap = "\(path):\(line): not a line of metrics" }
    if gap == nil, !steps.map(\.step).elementsEqual(1..<stepCount + 1) {
      gap = "\(path) does not hold every step of the run"
    }
  }

  private mutating func add(_ step: Int, _ metrics: JSON) {
    if let loss = metrics["loss"]?.double {
      var shown: TextKeyed<Double> = [:]
      for name in figures { shown[name] = metrics[name]?.double }
      steps.append(
        ModelCard.Step(
          step: step, loss: loss, metrics: shown, learningRate: metrics["learning_rate"]?.double ?? 0))
      let tokens = metrics["num_tokens"]?.int ?? tokenCount
      if let rate = metrics["tokens_per_second"]?.double, rate > 0 {
        seconds += (Double(tokens) - Double(tokenCount)) / rate
      }
      tokenCount = tokens
    }
    let figures: [(name: String, value: Double)] = (metrics.object ?? [:]).compactMap { name, value in
      guard name.hasPrefix("eval_"), let value = value.double else { return nil }
      return (name, value)
    }
    if !figures.isEmpty { lastEvaluation = figures }
  }
}
