import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama

/// `caravan data preview`: shows records as the model sees them.
struct DataPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Shows records as the model sees them: tokens, which of them are scored, where they are cut.",
    discussion: """
      Preference pairs and conversations are told apart by their fields. Scored tokens stand between [ and ], with \
      · between tokens; line breaks are written \\n.

      Examples:
        caravan data preview --model assistant-sft --data pairs.jsonl
        caravan data preview --model assistant-sft --data pairs.jsonl --count 5 --max-length 512 --ids
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions

  @Option(help: "How many records to show.")
  var count = 1

  @Flag(help: "Show the tokens' numbers too.")
  var ids = false

  func validate() throws {
    guard count >= 1 else { throw ValidationError("--count must be at least 1, not \(count)") }
  }

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let builder = SequenceBuilder(format: format)
    let limits = data.limits(base.config)
    let reader = try DatasetReader<AnyRecord>(data.data, skipInvalid: data.skipInvalid)
    for _ in 0..<count {
      guard let record = try reader.next() else { break }
      let names: [String]
      let made: (examples: [TrainingExample], report: SequenceReport)
      switch record {
      case .pair(let pair): (names, made) = (["chosen", "rejected"], try builder.examples([pair], limits: limits))
      case .conversation(let conversation):
        (names, made) = (["conversation"], try builder.examples([conversation], limits: limits))
      }
      print("\(record.location)")
      for example in made.examples { show(example, names, format) }
      for line in made.report.lines(maximumLength: data.maxLength) { print("  " + line) }
    }
  }

  private func show(_ example: TrainingExample, _ names: [String], _ format: ChatFormat) {
    if names.count > 1 {
      print(
        "  \(example.packedCount) tokens are computed, \(example.tokenCount - example.packedCount) are shared by both answers"
      )
    }
    for (name, sequence) in zip(names, example.sequences) {
      print("  \(name): \(sequence.tokens.count) tokens, \(sequence.scoredCount) scored")
      print("    " + marked(sequence, format))
      if ids { print("    " + sequence.tokens.map(String.init).joined(separator: " ")) }
    }
  }

  /// The tokens' texts, with brackets around those that are scored.
  private func marked(_ sequence: TokenSequence, _ format: ChatFormat) -> String {
    var text = ""
    var isOpen = false
    for (index, (token, isScored)) in zip(sequence.tokens, sequence.isScored).enumerated() {
      if isScored != isOpen { text += isScored ? "[" : "]" } else if index > 0 { text += "·" }
      isOpen = isScored
      text += (format.tokenizer.token(for: token) ?? "?").replacing("\n", with: "\\n")
    }
    return text + (isOpen ? "]" : "")
  }
}
