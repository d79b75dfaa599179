import Alignment
import ArgumentParser
import Datasets
import Foundation
import Inference
import JSON
import Recipes
import Terminal

/// `caravan score`: has a reward model score answers.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Scores answers, or the answers of pairs, with a reward model.",
    usage: "caravan score --model <folder> --data <path> ... [--output <file>] [<options>]",
    discussion: """
      Each record is written again with what the model says of it: 'reward' for the answer that a conversation ends with, \
      'chosen_reward' and 'rejected_reward' for a pair. They are null where there is nothing to score, as where a record \
      is longer than --max-length; such records are counted.

      The share of pairs whose chosen answer gets the higher reward is told at the end. Where pairs have RewardBench's \
      column 'subset', so are its sections' scores.

      Examples:
        caravan score --model judge --data answers.jsonl --output scored.jsonl
        caravan score --model judge --data allenai/reward-bench:filtered
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var input: InputOptions

  @Option(help: "The most tokens of prompt and answer; by default 4096, or the model's context if that is shorter.")
  var maxLength: Int?

  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  @Option(help: OptimizationSettings.help("micro-tokens"))
  var microTokens = 2048

  @OptionGroup(title: "Machine") var machine: ComputeOptions

  func validate() throws {
    guard maxLength ?? 2 >= 2 else { throw ValidationError("--max-length must be at least 2, not \(maxLength ?? 0)") }
    guard microTokens >= 1 else { throw ValidationError("--micro-tokens must be at least 1, not \(microTokens)") }
  }

  func run() throws {
    let (folder, format) = (try model.folder(), try model.format())
    try folder.requireRewardModel()
    let destination = try DataOutput(path: output)
    let records = try read(
      SequenceBuilder(format: format), format.stopTokens(of: folder), folder.config.vocabularySize,
      maxLength ?? folder.config.usualMaximumLength)

    try machine.group.start()
    let judge = try RewardModel(folder, dtype: machine.group.dtype)
    var summary = ScoreSummary()
    var progress = ProgressLine("scoring", total: records.count, unit: "records")
    // Enough records at a time to fill what is computed at once.
    for start in stride(from: 0, to: records.count, by: 64) {
      let part = records[start..<min(start + 64, records.count)]
      var rewards = try judge.rewards(of: part.compactMap(\.example?.sequences), microTokens: microTokens)[...]
      for record in part {
        let scores = record.example == nil ? nil : rewards.popFirst()
        try destination.write(line: summary.scored(record, scores).text)
      }
      progress.update(done: start + part.count)
    }
    progress.finish()
    try destination.finish()
    for line in summary.lines { note(line) }
  }

  private func read(
    _ builder: SequenceBuilder, _ ends: Set<Int32>, _ vocabularySize: Int, _ maximumLength: Int
  ) throws -> [ScoredLine] {
    let limits = SequenceBuilder.Limits(maximumLength: maximumLength, vocabularySize: vocabularySize)
    var (lines, report): ([ScoredLine], SequenceReport) = ([], SequenceReport())
    try input.read(as: AnyRecord.self) { record in
      (try RewardedRecord(record, builder, limits: limits, endingWith: ends), record.isPair)
    } _: { read, line in
      let (record, isPair) = read
      record.count(in: &report)
      lines.append(ScoredLine(json: try JSON(parsing: Array(line)), isPair: isPair, example: record.example))
    }
    for line in report.lines { note(line) }
    return lines
  }
}

/// A record on its way to be scored.
struct ScoredLine {
  let json: JSON
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
  mutating func scored(_ line: ScoredLine, _ scores: [Float]?) -> JSON {
    var members = line.json.object ?? [:]
    let names = line.isPair ? ["chosen_reward", "rejected_reward"] : ["reward"]
    if names.contains(where: { members[$0] != nil }) { replaced += 1 }
    for (index, name) in names.enumerated() {
      // The digits that a Float has.
      members[name] = (scores.flatMap { Double("\($0[index])") }).map(JSON.number) ?? .null
    }
    if let scores { count(scores, line) }
    return .object(members)
  }

  private mutating func count(_ scores: [Float], _ line: ScoredLine) {
    rewards += scores.map(Double.init)
    guard line.isPair else { return }
    let isRight = scores[0] > scores[1]
    pairs = (pairs.right + (isRight ? 1 : 0), pairs.all + 1)
    if let subset = line.json["subset"]?.string { bench.add(subset, isRight: isRight) }
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

extension AnyRecord {
  fileprivate var isPair: Bool { if case .pair = self { true } else { false } }
}
