import Alignment
import Datasets
import Foundation
import Llama
import Objectives
import TestSupport
import Testing

@testable import Training

@Suite struct ReferenceCacheTests {
  private let place: TemporaryFolder
  private var folder: URL { place.url("cache") }

  init() throws { place = try TemporaryFolder() }

  private func cache(_ fingerprint: String = "abc") throws -> ReferenceCache {
    try ReferenceCache(folder: folder, fingerprint: fingerprint, dtype: "float32")
  }

  /// The sums of pairs under the reference.
  private func scores(
    _ pairs: [TrainingExample], _ cache: ReferenceCache?, seed: UInt64 = 1, progress: (Int) throws -> Void = { _ in }
  ) throws -> [[[Double]]?] {
    let pass = BatchPass(
      model: try TinyModel.make(seed: seed), objective: SupervisedObjective(), microTokens: 50)
    var pairs = pairs
    try ReferenceScores(pass: pass, cache: cache).add(to: &pairs, in: [Array(pairs.indices)], progress: progress)
    return pairs.map { $0.columns[.reference] }
  }

  @Test func scoresAreFoundByContent() throws {
    let pairs = TinyModel.pairs(8)
    let first = try scores(pairs, try cache())
    #expect(try cache().count == Set(pairs.flatMap(\.sequences).map { "\($0)" }).count)

    // Another order, and a model that would give other numbers: all rows come from the file.
    let reversed = Array(pairs.reversed())
    let second = try scores(reversed, try cache(), seed: 9)
    #expect(second.reversed() == first)
  }

  /// LD-DPO wants the sums as far as the shorter answer goes, too.
  @Test func sharedLengthsAreKeptBesideTheWhole() throws {
    func columns(_ pairs: [TrainingExample], seed: UInt64, withShared: Bool) throws -> [[Column: [[Double]]]] {
      var pairs = pairs
      let pass = BatchPass(
        model: try TinyModel.make(seed: seed), objective: SupervisedObjective(), microTokens: 10_000)
      try ReferenceScores(pass: pass, cache: cache()).add(
        to: &pairs, in: [Array(pairs.indices)], withShared: withShared
      ) { _ in }
      return pairs.map(\.columns)
    }
    let pairs = TinyModel.pairs(4)
    let whole = try columns(pairs, seed: 1, withShared: false)
    let both = try columns(pairs, seed: 1, withShared: true)
    #expect(both.map { $0[.reference] } == whole.map { $0[.reference] })
    #expect(try columns(pairs, seed: 2, withShared: true) == both)
    for (pair, columns) in zip(pairs, both) {
      let (sums, shared) = (try #require(columns[.reference]), try #require(columns[.sharedReference]))
      let counts = pair.sequences.map(\.scoredCount)
      for side in 0..<2 {
        // Log-probabilities are below 0, so a part's sum is above the whole's.
        #expect(counts[side] == counts.min() ? shared[side] == sums[side] : shared[side][0] > sums[side][0])
      }
    }
    #expect(pairs.contains { $0.sequences[0].scoredCount != $0.sequences[1].scoredCount })
  }

  @Test func anotherModelHasAnotherFile() throws {
    let pairs = TinyModel.pairs(2)
    _ = try scores(pairs, try cache())
    #expect(try cache("def").count == 0)
  }

  @Test func whatIsScoredIsPartOfTheKey() throws {
    let cache = try cache()
    let sequence = TokenSequence(tokens: [1, 2, 3], isScored: [false, true, true])
    try cache.store([(sequence, -1.5)])
    #expect(cache.score(sequence) == -1.5)
    #expect(cache.score(TokenSequence(tokens: [1, 2, 3], isScored: [false, false, true])) == nil)
    #expect(cache.score(TokenSequence(tokens: [1, 2], isScored: [false, true])) == nil)
    #expect(cache.score(sequence, readTo: 3) == nil)
  }

  /// Dynamic scaling turns what a pair shares by the length of its longer answer, and with it the other's score.
  @Test func theOtherAnswersLengthIsPartOfTheKeyWhereItChangesTheScore() throws {
    func pair(_ rejected: Int) -> TrainingExample {
      TrainingExample(
        sequences: [3, rejected].map { count in
          let answer = (0..<count).map { Int32($0 % 30 + 9) }
          return TokenSequence(tokens: [1, 2, 3] + answer, isScored: [false, false, false] + answer.map { _ in true })
        }, location: RecordLocation(file: "pairs.jsonl", line: 1))
    }
    func chosen(_ pair: TrainingExample, _ cache: ReferenceCache?) throws -> Double {
      let model = try TinyModel.make(ropeScaling: ["rope_type": "dynamic", "factor": 4])
      let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: 50)
      var pairs = [pair]
      try ReferenceScores(pass: pass, cache: cache).add(to: &pairs, in: [[0]]) { _ in }
      return try #require(pairs[0].columns[.reference])[0][0]
    }
    let cache = try cache()
    _ = try chosen(pair(4), cache)
    #expect(try chosen(pair(90), cache) == chosen(pair(90), nil))
    #expect(try chosen(pair(90), nil) != chosen(pair(4), nil))
    #expect(try chosen(pair(5), cache) == chosen(pair(4), nil))
  }

  @Test func aHalfWrittenRowIsForgotten() throws {
    let sequences = [[1, 2], [3, 4]].map { TokenSequence(tokens: $0, isScored: [false, true]) }
    try cache().store([(sequences[0], -1), (sequences[1], -2)])
    let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first)
    let url = folder.appending(path: file)
    try Data(contentsOf: url).dropLast(7).write(to: url)
    let cut = try cache()
    #expect(cut.score(sequences[0]) == -1)
    #expect(cut.score(sequences[1]) == nil)
    try cut.store([(sequences[1], -3)])
    #expect(try cache().score(sequences[1]) == -3)
  }

  @Test func stoppingKeepsWhatWasComputed() throws {
    struct Stop: Error {}
    let pairs = TinyModel.pairs(12)
    #expect(throws: Stop.self) {
      try scores(pairs, try cache()) { done in if done >= 4 { throw Stop() } }
    }
    #expect(try cache().count >= 4)
  }

  @Test func anUnusableFolderIsOneLine() throws {
    try Data().write(to: folder)
    let error = #expect(throws: TrainingError.self) { try cache() }
    #expect(error?.description.contains("the reference cache") == true)
    #expect(error?.description.contains("\n") == false)
  }
}
