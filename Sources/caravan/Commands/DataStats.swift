import ArgumentParser
import DataShaping
import Datasets
import ModelFiles
import Recipes

/// `caravan data stats`: what is to be known of a data set.
struct DataStats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts lengths, truncation, duplicates, and how often the chosen answer is the longer one.",
    usage: "caravan data stats --data <path> ... [--model <folder>] [<options>]",
    discussion: """
      Lengths are in characters (Unicode code points) or, with --model, in its tokens. Prompts and answers are counted \
      alone; whole conversations include what the chat template adds, as in training.

      Examples:
        caravan data stats --data pairs.jsonl
        caravan data stats --data pairs.jsonl --model MODEL --html stats.html
      """)

  @OptionGroup(title: "Data") var input: InputOptions
  @OptionGroup(title: "Lengths") var lengths: LengthOptions

  @Option(help: DataSettings.help("max-length"))
  var maxLength: Int?

  @Option(help: ArgumentHelp("Also write a page with histograms, for a browser.", valueName: "file"))
  var html: String?

  @Flag(help: "Print the numbers as JSON instead of a table.")
  var json = false

  func validate() throws {
    guard maxLength == nil || lengths.model != nil else {
      throw ValidationError("--max-length is in tokens, and needs a --model")
    }
    guard maxLength.map({ $0 >= 2 }) ?? true else { throw ValidationError("--max-length must be at least 2") }
  }

  func run() throws {
    if let html { try DataOutput.check(html) }
    let measure = try lengths.measure()
    // The length at which training cuts, unless told otherwise.
    let maximum = try lengths.model.map { try maxLength ?? ModelFolder(Named.model($0)).config.usualMaximumLength }
    var statistics = DataStatistics(unit: measure.unit, maximumLength: maximum)
    try input.read(as: AnyRecord.self, isPassingOn: false) { record in
      try RecordMeasure(record, length: measure.length, totals: measure.totals)
    } _: { record, _ in
      statistics.add(record)
    }
    if let html { try AtomicFile.write(Array(StatisticsPage(statistics, sources: input.data).html.utf8), to: html) }
    try output(json ? statistics.json.prettyText + "\n" : statistics.table)
  }
}
