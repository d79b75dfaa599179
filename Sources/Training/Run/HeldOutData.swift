import Alignment
import JSON
import Objectives
import Wording

/// Examples that are measured and never trained on.
public struct HeldOutData {
  private let pass: BatchPass
  let examples: [TrainingExample]
  let batchSize: Int
  let reference: MovingReference?
  let atTheEnd: () throws -> TextKeyed<Double>

  /// Held-out examples, measured in batches.
  /// - Parameters:
  ///   - reference: what they are compared with, where that moves; otherwise their columns say it.
  ///   - atTheEnd: what else is measured after the last step.
  public init(
    _ examples: [TrainingExample], pass: BatchPass, batchSize: Int, reference: MovingReference? = nil,
    atTheEnd: @escaping () throws -> TextKeyed<Double> = { [:] }
  ) {
    self.reference = reference
    self.examples = examples
    self.pass = pass
    self.batchSize = batchSize
    self.atTheEnd = atTheEnd
  }

  /// The loss and metrics over all of them.
  /// - Parameters:
  ///   - objective: what the model is trained towards, as it is by now.
  ///   - isLast: whether the last step is done.
  ///   - progress: called with the number of examples done.
  func measure(
    towards objective: any Objective, isLast: Bool = false, progress: (Int) throws -> Void
  ) throws -> BatchResult {
    var pass = pass
    pass.objective = objective
    var result: BatchResult?
    for batch in EpochOrder(count: examples.count, batchSize: batchSize, seed: nil).batches(epoch: 0) {
      let own = batch.map { examples[$0] }
      let part = try pass.evaluate(reference?.scored(own) ?? own)
      result?.merge(part)
      result = result ?? part
      try progress(min(examples.count, (batch.last ?? 0) + 1))
    }
    guard var result else { throw TrainingError("the held-out data hold no example") }
    if isLast { result.add(try atTheEnd()) }
    return result
  }
}
