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

  /// Adds to each example the column `reference`: each answer's summed log-probabilities; where it is asked for, also
  /// `sharedReference`: the sums as far as the shorter answer goes. Where examples have companions, theirs too.
  ///
  /// The examples are computed in the batches of the first epoch, cut as training will cut them, so that the policy's first
  /// step repeats the very same arithmetic and its loss is ln 2 to the last bit.
  /// - Parameters:
  ///   - batches: places in `examples`.
  ///   - progress: called with the number of examples done; what it throws ends the work, and what was computed stays in the
  ///     cache.
  public func add(
    to examples: inout [TrainingExample], in batches: [[Int]], withShared: Bool = false, progress: (Int) throws -> Void
  ) throws {
    var done = 0
    for batch in batches {
      let whole = batch.map { examples[$0] }
      for micro in MicroBatches.split(whole.companions ?? [], budget: pass.microTokens) {
        for (index, sums) in zip(micro.indices, try sums(micro, micro.map(Part.all))) {
          examples[batch[index]].columns[.referenceOfCompanions] = sums.map { [$0] }
        }
      }
      for micro in MicroBatches.split(whole, budget: pass.microTokens) {
        let wanted = micro.map { Part.all(of: $0) + (withShared ? Part.shared(of: $0) : []) }
        for (index, sums) in zip(micro.indices, try sums(micro, wanted)) {
          let (place, answers) = (batch[index], whole[index].sequences.count)
          examples[place].columns[.reference] = sums.prefix(answers).map { [$0] }
          if withShared { examples[place].columns[.sharedReference] = sums.dropFirst(answers).map { [$0] } }
        }
        done += micro.count
        try progress(done)
      }
    }
  }

  /// A sum that is wanted of an example: over the first scored places of a sequence.
  private struct Part {
    /// Which sequence, and how many of its places.
    let side, count: Int
    /// The sequence with only these places scored: what the cache knows the sum by.
    let sequence: TokenSequence

    /// All places of each sequence.
    static func all(of example: TrainingExample) -> [Part] {
      example.sequences.enumerated().map { Part(side: $0, count: $1.scoredCount, sequence: $1) }
    }

    /// As many places of each sequence as the one with the fewest has.
    static func shared(of example: TrainingExample) -> [Part] {
      let count = example.sequences.map(\.scoredCount).min() ?? 0
      return example.sequences.enumerated().map {
        Part(side: $0, count: count, sequence: $1.scoring(first: count))
      }
    }
  }

  private func sums(_ micro: ArraySlice<TrainingExample>, _ wanted: [[Part]]) throws -> [[Double]] {
    guard let cache else { return try computed(micro, wanted) }
    let examples = zip(micro, wanted).map { ($1.map(\.sequence), length: pass.model.rotaryLength(of: $0.sequences)) }
    let known = examples.map { sequences, length in sequences.compactMap { cache.score($0, readTo: length) } }
    if zip(known, examples).allSatisfy({ $0.count == $1.0.count }) { return known }
    let sums = try computed(micro, wanted)
    for ((sequences, length), sums) in zip(examples, sums) { try cache.store(zip(sequences, sums), readTo: length) }
    return sums
  }

  private func computed(_ micro: ArraySlice<TrainingExample>, _ wanted: [[Part]]) throws -> [[Double]] {
    zip(try pass.values(micro), wanted).map { values, parts in
      parts.map { values[$0.side].prefix($0.count).reduce(0.0) { $0 + Double($1) } }
    }
  }
}
