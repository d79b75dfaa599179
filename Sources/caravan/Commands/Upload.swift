import ArgumentParser
import Foundation
import Hub
import ModelFiles

/// `caravan upload`: puts a folder on the Hugging Face hub.
struct Upload: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload",
    abstract: "Puts a model's or a data set's folder on the Hugging Face hub.",
    usage: "caravan upload <folder> <owner/name> [--dataset] [--public] [--dry-run] [<options>]",
    discussion: """
      Sends what has changed, by size and hash, in one commit, and prints its address. A repository that is not there yet is \
      made, a private one unless you say --public. What is on the hub and not in the folder stays there. After a break give \
      the same command again: large files that have arrived are not sent twice.

      Hidden files, checkpoints, the state of optimizers, and what may be a key or a token stay here; each is named, and \
      --include sends those that it names. A file that holds your token is never sent. HF_TOKEN must be allowed to write.

      Examples:
        caravan upload assistant-dpo me/assistant --dry-run
        caravan upload assistant-dpo me/assistant
        caravan upload pairs me/pairs --dataset --include "*.jsonl" --public
      """)

  @Argument(help: ArgumentHelp("The folder.", valueName: "folder"))
  var folder: String

  @Argument(help: ArgumentHelp("The repository.", valueName: "owner/name"))
  var name: String

  @Flag(help: "The repository is a data set, not a model.")
  var dataset = false

  @Option(
    help: ArgumentHelp(
      "Only files whose paths match, such as \"*.json\" or \"data/train-*\"; may be repeated.",
      valueName: "pattern"))
  var include: [String] = []

  @Flag(
    name: .customLong("public"), help: "Everyone may see it: a new repository is public, and a public one is taken.")
  var isPublic = false

  @Flag(help: "List what would be sent, and send nothing.")
  var dryRun = false

  private var repository: HubRepository {
    get throws { try HubRepository(dataset ? .dataset : .model, name) }
  }

  func validate() throws {
    do { _ = try repository } catch { throw ValidationError("\(error)") }
  }

  func run() throws {
    let (repository, report) = (try repository, HubReport("uploading"))
    let hub = Hub(try HubSettings()) { report($0) }
    let plan = try wait { [folder, include] in
      try await hub.uploadPlan(URL(filePath: folder), to: repository, matching: include)
    }
    for one in plan.leftOut { note("left out: \(one.path) (\(one.reason))") }
    if dryRun {
      try output(listing(of: plan))
      return
    }
    guard let address = try wait(for: { [isPublic] in try await hub.upload(plan, isPublic: isPublic) }) else {
      note("nothing was sent: \(name) has all \(plan.files.count) files")
      return
    }
    if isPublic, plan.isPublic == false {
      note("\(name) was private before and stays so; its settings on the hub make it public")
    }
    try output(address + "\n")
  }

  /// What a plan would do, a line each file.
  private func listing(of plan: UploadPlan) -> String {
    let sizes = plan.files.map { DiskSpace.readable($0.size) }
    let width = sizes.map(\.count).max() ?? 0
    let lines = zip(plan.files, sizes).map { file, size in
      let change = file.change.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
      return "\(change)  \(String(repeating: " ", count: width - size.count))\(size)  \(file.path)"
    }
    let sent = plan.files.filter { $0.change != .unchanged }
    let there =
      switch plan.isPublic {
      case nil: "a new \(isPublic ? "public" : "private") \(plan.repository.kind == .model ? "model" : "data set")"
      case true?: "the public \(name)"
      case false?: "the private \(name)"
      }
    return lines.joined(separator: "\n")
      + "\n\(sent.count) of \(plan.files.count) files, \(DiskSpace.readable(plan.byteCount)), to \(there)\n"
  }
}
