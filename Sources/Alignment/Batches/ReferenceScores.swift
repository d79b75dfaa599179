import Llama

/// The log-probabilities of every pair's answers under the reference, computed once before training.
public struct ReferenceScores {
  let pass: BatchPass
  let cache: ReferenceCache?

  /// Scores by a model, with what a cache already knows.
  /// - Parameter pass: over the pairs; its objective is not asked.
  public init(pass: BatchPass, cache: ReferenceCache?) {
    self.pass = pass
    self.cache = cache
  }

  /// Both answers' summed log-probabilities, pair by pair.
  ///
  /// The pairs are computed in the batches of the first epoch, cut as training will cut them, so that the policy's first
  /// step repeats the very same arithmetic and its loss is ln 2 to the last bit.
  /// - Parameter progress: called with the number of pairs done; what it throws ends the work, and what was computed
  ///   stays in the cache.
  public func callAsFunction(
    _ batches: [[Int]], progress: (Int) throws -> Void
  ) throws -> [PreferenceLoss.Sides] {
    var scores = [PreferenceLoss.Sides](repeating: .init(chosen: 0, rejected: 0), count: pass.examples.count)
    var done = 0
    for batch in batches {
      for micro in MicroBatches.split(batch, of: pass.examples, budget: pass.microTokens) {
        for (index, sums) in zip(micro, try sums(micro)) {
          scores[index] = PreferenceLoss.Sides(chosen: sums[0], rejected: sums[1])
        }
        done += micro.count
        try progress(done)
      }
    }
    return scores
  }

  private func sums(_ micro: [Int]) throws -> [[Double]] {
    guard let cache else { return try pass.sums(micro) }
    let pairs = micro.map { index in
      let sequences = pass.examples[index].sequences
      return (sequences: sequences, length: pass.model.rotaryLength(of: sequences))
    }
    let known = pairs.map { pair in pair.sequences.compactMap { cache.score($0, readTo: pair.length) } }
    if zip(known, pairs).allSatisfy({ $0.count == $1.sequences.count }) { return known }
    let sums = try pass.sums(micro)
    for (pair, sums) in zip(pairs, sums) { try cache.store(zip(pair.sequences, sums), readTo: pair.length) }
    return sums
  }
}
