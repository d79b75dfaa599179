import DataShaping
import Datasets
import Testing

/// MinHash against the Jaccard index that it estimates.
@Suite struct NearDuplicatesTests {
  /// Texts of 200 words, of which the later ones differ from the first in more and more places.
  private static func texts() -> [String] {
    var generator = SplitMix64(seed: 7)
    func word() -> String { "w\(generator.index(below: 5000))" }
    let words = (0..<200).map { _ in word() }
    return (0..<60).map { changes in
      var words = words
      for _ in 0..<changes { words[generator.index(below: words.count)] = word() }
      return words.joined(separator: " ")
    }
  }

  private func jaccard(_ text: String, _ other: String) -> Double {
    let sets = [text, other].map { text in
      let words = text.split(separator: " ")
      return Set((0...words.count - MinHash.shingleLength).map { words[$0..<$0 + MinHash.shingleLength] })
    }
    return Double(sets[0].intersection(sets[1]).count) / Double(sets[0].union(sets[1]).count)
  }

  @Test func estimatesTheJaccardIndex() {
    let texts = Self.texts()
    let summaries = texts.map { MinHash(TextWords($0)) }
    var errors: [Double] = []
    for first in texts.indices {
      for second in texts.indices where first < second {
        errors.append(summaries[first].similarity(to: summaries[second]) - jaccard(texts[first], texts[second]))
      }
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    let squares = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    // The standard error of an estimate is sqrt(J (1 - J) / 128), 0.044 at most; these are not independent.
    #expect(abs(mean) < 0.03)
    #expect(squares.squareRoot() < 0.06)
  }

  @Test(arguments: [0.5, 0.7, 0.8, 0.9]) func findsWhatIsWellAboveTheThresholdAndNothingWellBelow(threshold: Double) {
    let texts = Self.texts()
    var missed = 0
    for text in texts.dropFirst() {
      var index = NearDuplicates(similarity: threshold)
      let first = index.keep(MinHash(TextWords(texts[0])))
      let isNear = !index.keep(MinHash(TextWords(text)))
      #expect(first)
      let exact = jaccard(texts[0], text)
      if exact < threshold - 0.15 { #expect(!isNear, "\(exact)") }
      if exact > threshold + 0.12, !isNear { missed += 1 }
    }
    #expect(missed == 0)
  }

  @Test func findsRepetitionsAmongThousands() {
    var generator = SplitMix64(seed: 1)
    let texts = (0..<5000).map { _ in (0..<30).map { _ in "w\(generator.index(below: 1000))" }.joined(separator: " ") }
    var index = NearDuplicates(similarity: 0.8)
    let kept = texts.filter { index.keep(MinHash(TextWords($0))) }
    let keptAgain = texts.filter { index.keep(MinHash(TextWords($0.uppercased() + "!"))) }
    #expect(kept.count == 5000 && keptAgain.isEmpty)
    #expect(index.comparisonsLeftOut == 0)
  }
}
