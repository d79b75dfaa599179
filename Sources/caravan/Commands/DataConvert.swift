import ArgumentParser
import Datasets
import Foundation
import Reporting

/// `caravan data convert`: records to train on from published data sets.
struct DataConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts published data sets into records for training, as for the Tulu 2.5 splits.",
    usage: "caravan data convert --from <source> --data <path> ... [<options>]",
    discussion: """
      The sources (for UltraFeedback see 'caravan data ultrafeedback'):
      \(PublishedSources.all.map(line).joined(separator: "\n"))

      White space around texts is stripped, and pairs with an empty message are dropped; the last two sources are copied \
      as they are. Each line of the output is a record that 'caravan dpo' or 'caravan sft' reads. What was read and dropped \
      is reported on standard error.

      Examples:
        caravan data convert --from nectar --data nectar/ --output pairs.jsonl
        caravan data convert --from helpsteer --data train.jsonl.gz --ties drop
      """)

  @Option(help: ArgumentHelp("The published data set in the files.", valueName: "source"))
  var from: String

  @Option(help: "Whether to keep system prompts as messages or drop them. By default as in Tulu 2.5.")
  var systemPrompts: SourceChoices.SystemPrompts?

  @OptionGroup(title: "Data") var options: ConversionOptions

  private static func line(_ source: any PublishedSource.Type) -> String {
    "  " + source.name.padding(toLength: 26, withPad: " ", startingAt: 0) + source.summary
  }

  func validate() throws { _ = try source }

  func run() throws { try options.write(source) }

  /// The source with its choices made.
  /// - Throws: `ValidationError` for a name that there is not, and a choice that the source does not leave.
  private var source: any PublishedSource {
    get throws {
      let names = PublishedSources.all.map { $0.name }
      guard let source = PublishedSources.all.first(where: { $0.name == from }) else {
        let hint =
          nearestName(from, among: names).map { "Did you mean '\($0)'?" }
          ?? "There are: \(names.joined(separator: ", "))."
        throw ValidationError("There is no source '\(from)'. \(hint)")
      }
      func choose<Choice>(_ given: Choice?, _ published: Choice?, _ option: String) throws -> Choice? {
        guard given == nil || published != nil else {
          throw ValidationError("\(option) has no meaning for --from \(from); leave it out")
        }
        return given ?? published
      }
      return source.init(
        SourceChoices(
          rejected: try choose(options.rejected, source.choices.rejected, "--rejected"),
          ties: try choose(options.ties, source.choices.ties, "--ties"),
          systemPrompts: try choose(systemPrompts, source.choices.systemPrompts, "--system-prompts"),
          seed: options.seed))
    }
  }
}

extension SourceChoices.SystemPrompts: ExpressibleByArgument {}
