import ArgumentParser
import DataShaping
import Datasets

/// `caravan data filter`: keeps the records that are as they should be.
struct DataFilter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Keeps records of the right length and form.",
    usage: "caravan data filter --data <path> ... [--output <file>] [<options>]",
    discussion: """
      Lengths are in characters (Unicode code points) or, with --model, in its tokens. Records that are kept are copied byte \
      for byte. Each record that is removed is counted under the first reason that applies.

      Examples:
        caravan data filter --data pairs.jsonl --alternating --output ok.jsonl
        caravan data filter --data pairs.jsonl --model MODEL --max-total 2048
      """)

  @OptionGroup(title: "Data") var input: InputOptions
  @OptionGroup(title: "Lengths") var lengths: LengthOptions
  @OptionGroup(title: "Output") var destination: SieveOptions

  @Option(help: "The least length of a prompt.")
  var minPrompt: Int?

  @Option(help: "The greatest length of a prompt.")
  var maxPrompt: Int?

  @Option(help: "The least length of each answer.")
  var minAnswer: Int?

  @Option(help: "The greatest length of each answer.")
  var maxAnswer: Int?

  @Option(help: "The greatest length of prompt and answer together; in tokens, what the chat template adds counts too.")
  var maxTotal: Int?

  @Option(help: "The most messages of a conversation, including the answer.")
  var maxMessages: Int?

  @Flag(help: "Roles must alternate: perhaps a system message, then user and assistant in turn, the assistant last.")
  var alternating = false

  @Flag(help: "The answers of a pair must differ.")
  var different = false

  @Flag(help: "Every message must hold more than white space.")
  var notEmpty = false

  func validate() throws {
    let limits = [minPrompt, maxPrompt, minAnswer, maxAnswer, maxTotal, maxMessages].compactMap(\.self)
    guard !limits.isEmpty || alternating || different || notEmpty else {
      throw ValidationError("nothing to filter by: give --max-total, --alternating, or another of the options")
    }
    guard limits.allSatisfy({ $0 >= 0 }) else { throw ValidationError("lengths must not be negative") }
  }

  func run() throws {
    let measure = try lengths.measure()
    var filter = RecordFilter(unit: measure.unit, length: measure.length, totals: measure.totals)
    filter.prompt = .init(minPrompt, maxPrompt)
    filter.answer = .init(minAnswer, maxAnswer)
    filter.maximumTotal = maxTotal
    filter.maximumMessages = maxMessages
    filter.requiresAlternation = alternating
    filter.requiresDifference = different
    filter.requiresText = notEmpty

    var sieve = try RecordSieve(destination)
    let read = try input.read(as: AnyRecord.self) { [filter] record in
      (reason: try filter.reason(against: record), location: record.location)
    } _: { record, line in
      try sieve.put(line, removedFor: record.reason, at: record.location)
    }
    try sieve.finish(read: read)
  }
}
