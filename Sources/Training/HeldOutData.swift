import Alignment

/// Examples that are measured and never trained on.
public struct HeldOutData {
  let pass: BatchPass
  let batchSize: Int

  /// Held-out examples, measured in batches.
  public init(pass: BatchPass, batchSize: Int) {
    self.pass = pass
    self.batchSize = batchSize
  }

  /// The number of examples.
  public var count: Int { pass.examples.count }

  /// The loss and metrics over all of them.
  /// - Parameter progress: called with the number of examples done.
  func measure(progress: (Int) throws -> Void) throws -> BatchResult {
    var result: BatchResult?
    for batch in EpochOrder(count: count, batchSize: batchSize, seed: nil).batches(epoch: 0) {
      let part = try pass.evaluate(batch)
      result?.merge(part)
      result = result ?? part
      try progress(min(count, (batch.last ?? 0) + 1))
    }
    guard let result else { throw TrainingError("the held-out data hold no example") }
    return result
  }
}
