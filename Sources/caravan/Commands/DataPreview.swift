import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama
import Recipes
import Text

/// `caravan data preview`: shows records as the model sees them.
struct DataPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Shows records as the model sees them: tokens, and which of them are scored.",
    usage: "caravan data preview --model <folder> --data <path> ... [<options>]",
    discussion: """
      A record's fields say whether it is a preference pair, a rated answer or a conversation. Tokens are separated by ·, and those that \
      count in the loss stand between [ and ], with their weight behind (]×0.5) where it is not 1; line breaks are written \\n.

      Examples:
        caravan data preview --model assistant-sft --data pairs.jsonl
        caravan data preview --model assistant-sft --data pairs.jsonl --count 5 --ids
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>

  @Option(help: "How many records to show.")
  var count = 1

  @Flag(help: "Show the tokens' numbers too.")
  var ids = false

  func validate() throws {
    guard count >= 1 else { throw ValidationError("--count must be at least 1, not \(count)") }
  }

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let builder = try SequenceBuilder(format: format, mask: data.group.lossMask)
    let limits = data.group.limits([base.config])
    let reader = try DatasetReader<AnyRecord>(Named.data(data.group.data), skipInvalid: data.group.skipInvalid)
    for _ in 0..<count {
      guard let record = try reader.next() else { break }
      let names: [String]
      let made: (examples: [TrainingExample], report: SequenceReport)
      switch record {
      case .pair(let pair): (names, made) = (["chosen", "rejected"], try builder.examples([pair], limits: limits))
      case .rating(let rating):
        (names, made) = ([rating.isGood ? "good" : "bad"], try builder.examples([rating], limits: limits))
      case .conversation(let conversation):
        (names, made) = (["conversation"], try builder.examples([conversation], limits: limits))
      }
      let lines =
        made.examples.flatMap { described($0, names, format) } + made.report.lines
      try output(([record.location.description] + lines.map { "  " + $0 }).joined(separator: "\n") + "\n")
    }
    for line in reader.report.description.split(separator: "\n").dropFirst() { note(String(line)) }
  }

  private func described(_ example: TrainingExample, _ names: [String], _ format: ChatFormat) -> [String] {
    var lines: [String] = []
    if names.count > 1 {
      let shared = example.tokenCount - example.packedCount
      lines.append("\(example.packedCount) tokens are computed, \(shared) of them for both answers")
    }
    for (index, (name, sequence)) in zip(names, example.sequences).enumerated() {
      let weights = example.columns[.weight]?[index]
      lines.append("\(name): \(sequence.tokens.count) tokens, \(sequence.scoredCount) scored")
      lines.append("  " + MarkedTokens(sequence, weights: weights, format.tokenizer).text)
      if ids { lines.append("  " + sequence.tokens.map(String.init).joined(separator: " ")) }
    }
    return lines
  }
}
