import Alignment
import Llama
import Objectives

/// The log-probabilities of every example's answers under the reference, computed once before training.
public struct ReferenceScores {
  let pass: BatchPass
  let cache: ReferenceCache?

  /// Scores by a model, with what a cache already knows.
  /// - Parameter pass: the reference's; its objective is not asked.
  public init(pass: BatchPass, cache: ReferenceCache?) {
    self.pass = pass
    self.cache = cache
  }

  /// Adds to each example the column `reference`: each answer's summed log-probabilities; and where examples have companions,
  /// theirs.
  ///
  /// The examples are computed in the batches of the first epoch, cut as training will cut them, so that the policy's first
  /// step repeats the very same arithmetic and its loss is ln 2 to the last bit.
  /// - Parameters:
  ///   - batches: places in `examples`.
  ///   - progress: called with the number of examples done; what it throws ends the work, and what was computed stays in the
  ///     cache.
  public func add(to examples: inout [TrainingExample], in batches: [[Int]], progress: (Int) throws -> Void) throws {
    var done = 0
    for batch in batches {
      let whole = batch.map { examples[$0] }
      for micro in MicroBatches.split(whole.companions ?? [], budget: pass.microTokens) {
        for (place, sums) in zip(micro.indices, try sums(micro)) {
          examples[batch[place]].columns[.referenceOfCompanions] = sums.map { [$0] }
        }
      }
      for micro in MicroBatches.split(whole, budget: pass.microTokens) {
        for (place, sums) in zip(micro.indices, try sums(micro)) {
          examples[batch[place]].columns[.reference] = sums.map { [$0] }
        }
        done += micro.count
        try progress(done)
      }
    }
  }

  private func sums(_ micro: ArraySlice<TrainingExample>) throws -> [[Double]] {
    guard let cache else { return try computed(micro) }
    let examples = micro.map { ($0.sequences, length: pass.model.rotaryLength(of: $0.sequences)) }
    let known = examples.map { sequences, length in sequences.compactMap { cache.score($0, readTo: length) } }
    if zip(known, examples).allSatisfy({ $0.count == $1.0.count }) { return known }
    let sums = try computed(micro)
    for ((sequences, length), sums) in zip(examples, sums) { try cache.store(zip(sequences, sums), readTo: length) }
    return sums
  }

  private func computed(_ micro: ArraySlice<TrainingExample>) throws -> [[Double]] {
    try pass.values(micro).map { $0.map { $0.reduce(0.0) { $0 + Double($1) } } }
  }
}
