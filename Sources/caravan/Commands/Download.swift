import ArgumentParser
import Foundation
import Hub

/// `caravan download`: fetches models and data sets from the Hugging Face hub.
struct Download: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Fetches a model or a data set from the Hugging Face hub.",
    usage: "caravan download <owner/name>[@<revision>] [--dataset] [<options>]",
    discussion: """
      Prints the folder with the files, in the cache that Python's tools share (HF_HOME, HF_HUB_CACHE). An interrupted \
      download continues where it stopped, and every file is checked against the hash that the hub publishes. HF_TOKEN \
      opens private and gated repositories.

      For a model, only the files that Caravan reads are fetched: configuration, weights in one format, tokenizer, card and \
      licence. For a data set, all files are.

      Examples:
        caravan download HuggingFaceTB/SmolLM2-135M
        caravan download openai/gsm8k --dataset --include "main/*"
        caravan download allenai/tulu-2.5-preference-data --dataset

      Other commands fetch models and data that you give by name: --model OWNER/NAME, --data OWNER/NAME:SPLIT, and \
      OWNER/NAME@REVISION for a revision.
      """)

  @Argument(
    help: ArgumentHelp("The repository; add @REVISION if you do not want the newest.", valueName: "owner/name"))
  var name: String

  @Flag(help: "The repository is a data set, not a model.")
  var dataset = false

  @Option(help: "A branch, a tag, or a commit; the same as @REVISION.")
  var revision: String?

  @Option(
    help: ArgumentHelp(
      "Only files whose paths match, such as \"*.json\" or \"data/train-*\"; may be repeated.",
      valueName: "pattern"))
  var include: [String] = []

  private var repository: HubRepository {
    get throws { try HubRepository(dataset ? .dataset : .model, there?.repository ?? name) }
  }

  /// What the name says; nil for one that is none.
  private var there: HubName? { HubName(name) }

  func validate() throws {
    if let there, there.split != nil {
      throw ValidationError("'\(name)' is one split; name the data set, \(there.repository), and --include its files")
    }
    guard revision == nil || there?.namesRevision != true else {
      throw ValidationError("'\(name)' and --revision both name a revision; give one of them")
    }
    do {
      _ = try repository
      try HubRevision.check(revision ?? there?.revision ?? "main")
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    let repository = try repository
    let selection: HubSelection = !include.isEmpty ? .matching(include) : dataset ? .everything : .model
    let snapshot = try Named.fetching(selection) { [revision = revision ?? there?.revision ?? "main"] in
      try await $0.download(repository, revision: revision, selecting: selection)
    }
    try output(snapshot.folder.path + "\n")
  }
}
