import Alignment
import Collectives
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
      let companions = whole.companions ?? []
      for (place, sums) in zip(batch, try sums(of: companions, companions.map(Part.all)) { _ in }) {
        examples[place].columns[.referenceOfCompanions] = sums.map { [$0] }
      }
      let wanted = whole.map { Part.all(of: $0) + (withShared ? Part.shared(of: $0) : []) }
      let before = done
      let all = try sums(of: whole, wanted) {
        done += $0
        try progress(done)
      }
      done = before + whole.count
      // Several ranks are at the same place only between batches.
      if pass.ranks.count > 1 { try progress(done) }
      for (place, sums) in zip(batch, all) {
        let answers = examples[place].sequences.count
        examples[place].columns[.reference] = sums.prefix(answers).map { [$0] }
        if withShared { examples[place].columns[.sharedReference] = sums.dropFirst(answers).map { [$0] } }
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

  /// The wanted sums of each example of a batch, micro-batch by micro-batch; ranks compute their shares of it.
  /// - Parameter progress: called by a process that is alone with the examples of each micro-batch.
  private func sums(
    of batch: [TrainingExample], _ wanted: [[Part]], progress: (Int) throws -> Void
  ) throws -> [[Double]] {
    let ranks = pass.ranks
    guard ranks.count > 1 else {
      return try pass.shares(of: batch)[0].flatMap { micro in
        let own = wanted[micro.indices]
        let known = known(micro, own)
        let sums = try known ?? computed(micro, own)
        if known == nil { try store(sums, of: micro, own) }
        try progress(micro.count)
        return sums
      }
    }
    func sums(_ all: [[Double]]) -> [[Double]] {
      var rest = Array(all.joined())[...]
      return wanted.map { parts in
        defer { rest = rest.dropFirst(parts.count) }
        return Array(rest.prefix(parts.count))
      }
    }
    // Only the first rank has the cache.
    let cached = try ranks.gather((known(batch[...], wanted[...]) ?? []).flatMap(\.self))[0]
    guard cached.isEmpty else { return sums([cached]) }
    var own: [Double] = []
    try pass.eachMicroBatch(of: batch, training: false) {
      own += try computed($0, wanted[$0.indices]).flatMap(\.self)
    }
    let all = sums(try ranks.gather(own))
    try store(all, of: batch[...], wanted[...])
    return all
  }

  /// What the cache says, where it knows all that is wanted.
  private func known(_ examples: ArraySlice<TrainingExample>, _ wanted: ArraySlice<[Part]>) -> [[Double]]? {
    guard let cache else { return nil }
    let known = zip(examples, wanted).map { example, parts in
      let length = pass.model.rotaryLength(of: example.sequences)
      return parts.compactMap { cache.score($0.sequence, readTo: length) }
    }
    return zip(known, wanted).allSatisfy({ $0.count == $1.count }) ? known : nil
  }

  private func store(_ sums: [[Double]], of examples: ArraySlice<TrainingExample>, _ wanted: ArraySlice<[Part]>) throws
  {
    for ((example, parts), sums) in zip(zip(examples, wanted), sums) {
      try cache?.store(zip(parts.map(\.sequence), sums), readTo: pass.model.rotaryLength(of: example.sequences))
    }
  }

  private func computed(
    _ micro: ArraySlice<TrainingExample>, _ wanted: ArraySlice<[Part]>
  ) throws -> [[Double]] {
    zip(try pass.values(micro), wanted).map { values, parts in
      parts.map { values[$0.side].prefix($0.count).reduce(0.0) { $0 + Double($1) } }
    }
  }
}
