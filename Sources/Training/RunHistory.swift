import Foundation
import JSON
import Reporting

/// What a run measured, read back from its `metrics.jsonl`: also what it did before it was resumed.
public struct RunHistory {
  /// All steps, in order.
  public private(set) var steps: [ModelCard.Step] = []
  /// The figures of the last evaluation, by name; empty where nothing was held out.
  public private(set) var lastEvaluation: [(name: String, value: Double)] = []
  /// The tokens that were trained on.
  public private(set) var tokenCount = 0
  /// The seconds that the steps took.
  public private(set) var seconds = 0.0

  /// The history of the run in a folder.
  /// - Throws: `TrainingError` where its metrics cannot be read.
  public init(folder: URL) throws {
    let url = RunFolder.metrics(in: folder)
    guard let contents = FileManager.default.contents(atPath: url.path) else {
      throw TrainingError("\(url.path) cannot be read")
    }
    for (index, line) in contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      guard let metrics = try? JSON(parsing: Array(line)), let number = metrics["step"]?.int else {
        throw TrainingError(
          "\(url.path):\(index + 1): not a line of metrics, an object with a whole-number \"step\"; "
            + "move the file away to resume without it")
      }
      if let loss = metrics["loss"]?.double {
        steps.append(
          ModelCard.Step(
            step: number, loss: loss, accuracy: metrics["rewards/accuracies"]?.double,
            margin: metrics["rewards/margins"]?.double, learningRate: metrics["learning_rate"]?.double ?? 0))
        let tokens = metrics["num_tokens"]?.int ?? tokenCount
        if let rate = metrics["tokens_per_second"]?.double, rate > 0 { seconds += Double(tokens - tokenCount) / rate }
        tokenCount = tokens
      } else {
        lastEvaluation = (metrics.object ?? [:]).compactMap { name, value in
          guard name.hasPrefix("eval_"), let value = value.double else { return nil }
          return (name, value)
        }
      }
    }
  }
}
