import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama

/// `caravan data preview`: shows records as the model sees them.
struct DataPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Shows records as the model sees them: tokens, and which of them are scored.",
    usage: "caravan data preview --model <folder> --data <path> ... [<options>]",
    discussion: """
      Preference pairs and conversations are told apart by their fields. Tokens are separated by ·, and those that the \
      loss scores stand between [ and ]; line breaks are written \\n.

      Examples:
        caravan data preview --model assistant-sft --data pairs.jsonl
        caravan data preview --model assistant-sft --data pairs.jsonl --count 5 --ids
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(help: "How many records to show.")
  var count = 1

  @Flag(help: "Show the numbers of the tokens too.")
  var ids = false

  func validate() throws {
    guard count >= 1 else { throw ValidationError("--count must be at least 1, not \(count)") }
  }

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let builder = SequenceBuilder(format: format)
    let limits = data.limits([base.config])
    let reader = try data.reader(data.data, of: AnyRecord.self)
    for _ in 0..<count {
      guard let record = try reader.next() else { break }
      let names: [String]
      let made: (examples: [TrainingExample], report: SequenceReport)
      switch record {
      case .pair(let pair): (names, made) = (["chosen", "rejected"], try builder.examples([pair], limits: limits))
      case .conversation(let conversation):
        (names, made) = (["conversation"], try builder.examples([conversation], limits: limits))
      }
      let lines =
        made.examples.flatMap { described($0, names, format) } + made.report.lines(maximumLength: data.maxLength)
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
    for (name, sequence) in zip(names, example.sequences) {
      lines.append("\(name): \(sequence.tokens.count) tokens, \(sequence.scoredCount) scored")
      lines.append("  " + marked(sequence, format))
      if ids { lines.append("  " + sequence.tokens.map(String.init).joined(separator: " ")) }
    }
    return lines
  }

  /// The tokens' texts, with brackets around those that are scored. A character whose bytes are spread over tokens stands
  /// with the last of them.
  private func marked(_ sequence: TokenSequence, _ format: ChatFormat) -> String {
    var decoder = format.tokenizer.streamingDecoder(skippingSpecialTokens: false)
    var text = ""
    var isOpen = false
    for (index, (token, isScored)) in zip(sequence.tokens, sequence.isScored).enumerated() {
      if isScored != isOpen { text += isScored ? "[" : "]" } else if index > 0 { text += "·" }
      isOpen = isScored
      text += Self.visible(decoder.append(token))
    }
    return text + Self.visible(decoder.finish()) + (isOpen ? "]" : "")
  }

  /// Text on one line: line breaks and other control characters escaped.
  private static func visible(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
  }
}
