import Alignment
import ArgumentParser
import Datasets
import Foundation
import Inference
import Recipes
import Terminal
import Training

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
        try destination.write(line: summary.scored(record, scores))
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
      lines.append(ScoredLine(line: Array(line), isPair: isPair, example: record.example))
    }
    for line in report.lines { note(line) }
    return lines
  }
}

extension AnyRecord {
  fileprivate var isPair: Bool { if case .pair = self { true } else { false } }
}
