import Alignment
import JSON
import Wording

/// Examples that are measured and never trained on.
public struct HeldOutData {
  let pass: BatchPass
  let examples: [TrainingExample]
  let batchSize: Int
  let atTheEnd: () throws -> TextKeyed<Double>

  /// Held-out examples, measured in batches.
  /// - Parameter atTheEnd: what else is measured after the last step.
  public init(
    _ examples: [TrainingExample], pass: BatchPass, batchSize: Int,
    atTheEnd: @escaping () throws -> TextKeyed<Double> = { [:] }
  ) {
    self.examples = examples
    self.pass = pass
    self.batchSize = batchSize
    self.atTheEnd = atTheEnd
  }

  /// The loss and metrics over all of them.
  /// - Parameters:
  ///   - isLast: whether the last step is done.
  ///   - progress: called with the number of examples done.
  func measure(isLast: Bool = false, progress: (Int) throws -> Void) throws -> BatchResult {
    var result: BatchResult?
    for batch in EpochOrder(count: examples.count, batchSize: batchSize, seed: nil).batches(epoch: 0) {
      let part = try pass.evaluate(batch.map { examples[$0] })
      result?.merge(part)
      result = result ?? part
      try progress(min(examples.count, (batch.last ?? 0) + 1))
    }
    guard var result else { throw TrainingError("the held-out data hold no example") }
    if isLast { result.add(try atTheEnd()) }
    return result
  }
}
