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
      Prints the folder that holds the files. It lies in the cache that Python's tools use too (HF_HOME, \
      HF_HUB_CACHE). What broke off is taken up where it ended, and all that comes is checked against the hashes that \
      the hub publishes. Private and gated repositories open with HF_TOKEN.

      Of a model comes what Caravan reads: configuration, weights in one format, tokenizer, card and licence. Of a data \
      set comes everything.

      Examples:
        caravan download HuggingFaceTB/SmolLM2-135M
        caravan download openai/gsm8k --dataset --include "main/*"
        caravan download allenai/tulu-2.5-preference-data --dataset

      All commands fetch by themselves what they are given by name: --model OWNER/NAME, --data OWNER/NAME:SPLIT; \
      a revision is written OWNER/NAME@REVISION.
      """)

  @Argument(
    help: ArgumentHelp("The repository, with @REVISION where it is not the newest.", valueName: "owner/name"))
  var name: String

  @Flag(help: "It is a data set, not a model.")
  var dataset = false

  @Option(help: "A branch, a tag, or a commit; the same as @REVISION.")
  var revision: String?

  @Option(
    help: ArgumentHelp(
      "Fetch the files whose paths match, as \"*.json\" or \"data/train-*\"; may be repeated.", valueName: "pattern"))
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
