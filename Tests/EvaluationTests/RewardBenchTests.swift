import Evaluation
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct RewardBenchTests {
  @Test func subsetsCountByTheirWeights() {
    var bench = RewardBench()
    for isRight in [true, true, false, true] { bench.add("alpacaeval-easy", isRight: isRight) }
    bench.add("mt-bench-easy", isRight: false)
    bench.add("of our own", isRight: true)
    #expect(bench.scores.map(\.section) == ["Chat"])
    #expect(abs(bench.scores[0].score - 0.75 * 100 / 128) < 1e-15 && bench.mean == nil)
    #expect(bench.subsets.map(\.name) == ["alpacaeval-easy", "mt-bench-easy", "of our own"])
  }

  private static let recorded = Checkout.shared("gold/rewardbench/scoring.json")

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: recorded.path), "no shared/gold/rewardbench beside the package")
  )
  func recordedSections() throws {
    let record = try JSON(file: Self.recorded)
    var bench = RewardBench()
    for (subset, count) in try #require(record["actual_counts"]?.object) {
      let right = try #require(record["correct"]?[subset]?.int)
      for index in 0..<(count.int ?? 0) { bench.add(subset, isRight: index < right) }
    }
    #expect(bench.scores.count == 4)
    for (section, score) in bench.scores {
      let expected = try #require(record["section_scores"]?[section]?.double)
      #expect(abs(score - expected) < 1e-12, "\(section)")
    }
    let mean = try #require(bench.mean)
    #expect(abs(mean - (record["mean_of_four"]?.double ?? 0)) < 1e-12)
  }
}
