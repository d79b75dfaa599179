import ArgumentParser
import DataShaping
import Datasets

/// `caravan data dedupe`: keeps the first of records that say the same.
struct DataDedupe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dedupe",
    abstract: "Removes records that repeat an earlier one, exactly or nearly.",
    usage: "caravan data dedupe --data <path> ... [--output <file>] [<options>]",
    discussion: """
      Two records are the same if their roles and texts are the same, byte for byte; other columns do not count. --near also \
      removes a record that is similar to a kept one: the estimated Jaccard index of their runs of five words (MinHash with \
      128 functions, standard error at most 0.045) is at least the given number. Records that are kept are copied byte for \
      byte.

      Examples:
        caravan data dedupe --data pairs.jsonl --output once.jsonl
        caravan data dedupe --data pairs.jsonl --by prompt --near 0.8
      """)

  @OptionGroup(title: "Data") var input: InputOptions
  @OptionGroup(title: "Output") var destination: SieveOptions

  @Option(help: "What is compared: the prompt, or the record with prompt and answers.")
  var by: ComparedPart = .record

  @Option(
    help: ArgumentHelp("Also remove records that are at least this similar, from 0.5 to 1.", valueName: "similarity"))
  var near: Double?

  func validate() throws {
    guard let near else { return }
    guard (0.5...1).contains(near) else { throw ValidationError("--near must be from 0.5 to 1, not \(near)") }
  }

  func run() throws {
    var sieve = try RecordSieve(destination)
    var contents: Set<ContentHash> = []
    var similar = near.map { NearDuplicates(similarity: $0) }
    let isNear = near != nil
    let read = try input.read(as: AnyRecord.self) { [by] record in
      let messages = by == .prompt ? record.prompt : record.prompt + record.answers.joined()
      return (
        content: by == .prompt ? ContentHash(record.prompt) : ContentHash(record),
        summary: isNear ? MinHash(TextWords(messages)) : nil, location: record.location
      )
    } _: { record, line in
      var reason: String?
      if !contents.insert(record.content).inserted {
        reason = "the same \(by) as an earlier one's"
      } else if let summary = record.summary, similar?.keep(summary) == false {
        reason = "nearly the same \(by) as an earlier one's"
      }
      try sieve.put(line, removedFor: reason, at: record.location)
    }
    if let cut = similar?.comparisonsLeftOut, cut > 0 {
      note("\(cut) times there were too many similar records to compare with all of them; a few near ones may be left")
    }
    try sieve.finish(read: read)
  }
}
