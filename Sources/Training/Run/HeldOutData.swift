import Alignment

/// Examples that are measured and never trained on.
public struct HeldOutData {
  let pass: BatchPass
  let examples: [TrainingExample]
  let batchSize: Int

  /// Held-out examples, measured in batches.
  public init(_ examples: [TrainingExample], pass: BatchPass, batchSize: Int) {
    self.examples = examples
    self.pass = pass
    self.batchSize = batchSize
  }

  /// The loss and metrics over all of them.
  /// - Parameter progress: called with the number of examples done.
  func measure(progress: (Int) throws -> Void) throws -> BatchResult {
    var result: BatchResult?
    for batch in EpochOrder(count: examples.count, batchSize: batchSize, seed: nil).batches(epoch: 0) {
      let part = try pass.evaluate(batch.map { examples[$0] })
      result?.merge(part)
      result = result ?? part
      try progress(min(examples.count, (batch.last ?? 0) + 1))
    }
    guard let result else { throw TrainingError("the held-out data hold no example") }
    return result
  }
}
