import Alignment
import Evaluation
import Foundation
import JSON

/// A record on its way to be scored.
struct ScoredLine {
  /// As it stands in its file: as a value it would take several times as much memory.
  let line: [UInt8]
  let isPair: Bool
  /// What the model reads of it; nil where there is nothing to score.
  let example: TrainingExample?
}

/// What is told of scored records in the end.
struct ScoreSummary {
  private var rewards: [Double] = []
  private var pairs = (right: 0, all: 0)
  private var bench = RewardBench()
  private var replaced = 0

  /// The record with what a reward model says of it.
  mutating func scored(_ record: ScoredLine, _ scores: [Float]?) throws -> String {
    var members = try JSON(parsing: record.line).object ?? [:]
    let names = record.isPair ? ["chosen_reward", "rejected_reward"] : ["reward"]
    if names.contains(where: { members[$0] != nil }) { replaced += 1 }
    for (index, name) in names.enumerated() {
      // The digits that a Float has.
      members[name] = (scores.flatMap { Double("\($0[index])") }).map(JSON.number) ?? .null
    }
    if let scores { count(scores, isPair: record.isPair, of: members["subset"]?.string) }
    return JSON.object(members).text
  }

  private mutating func count(_ scores: [Float], isPair: Bool, of subset: String?) {
    rewards += scores.map(Double.init)
    guard isPair else { return }
    let isRight = scores[0] > scores[1]
    pairs = (pairs.right + (isRight ? 1 : 0), pairs.all + 1)
    if let subset { bench.add(subset, isRight: isRight) }
  }

  /// The counts for a person, a line each.
  var lines: [String] {
    func text(_ value: Double) -> String { String(format: "%.4g", value) }
    func share(_ value: Double) -> String { String(format: "%.1f%%", 100 * value) }
    guard let least = rewards.min(), let greatest = rewards.max() else { return ["no answer was scored"] }
    let mean = rewards.reduce(0, +) / Double(rewards.count)
    var lines = ["\(rewards.count) answers scored: mean \(text(mean)), from \(text(least)) to \(text(greatest))"]
    if replaced > 0 { lines.append("\(replaced) records had a reward already, which is replaced") }
    guard pairs.all > 0 else { return lines }
    lines.append(
      "the chosen answer has the higher reward in \(pairs.right) of \(pairs.all) pairs (\(share(Double(pairs.right) / Double(pairs.all))))"
    )
    lines += bench.subsets.map { "  \($0.name): \(share($0.share)) of \($0.count)" }
    let scores = bench.scores
    guard !scores.isEmpty else { return lines }
    lines.append(
      "RewardBench: " + scores.map { "\($0.section) \(share($0.score))" }.joined(separator: ", ")
        + (bench.mean.map { "; mean \(share($0))" } ?? ""))
    return lines
  }
}
