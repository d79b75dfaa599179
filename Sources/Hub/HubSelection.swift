import DataLayout
import Foundation
import JSON
import ModelFiles
import Wording

/// Which files of a repository are wanted.
public enum HubSelection: Sendable, Equatable {
  /// All of them.
  case everything
  /// What Caravan reads of a model: its configuration, weights in one format, tokenizer, card and licence.
  case model
  /// The files whose paths match one of some patterns, in which `*` stands for anything, slashes too.
  case matching([String])
  /// The records of one split of a data set; of one configuration, where it has several.
  case split(String, configuration: String?)

  /// The files of a listing that must be read to know which files are wanted: a data set's cards.
  func cards(of listing: HubListing) -> [HubFile] {
    guard case .split = self else { return [] }
    return listing.files.filter { DataCard.fileNames.contains($0.path) }
  }

  /// The files of a listing that are wanted.
  /// - Parameter card: what the data set's card says of its configurations.
  /// - Throws: `HubError` where there are none.
  package func files(
    of listing: HubListing, in repository: HubRepository, card: DataCard? = nil, remark: (String) -> Void = { _ in }
  ) throws(HubError) -> [HubFile] {
    let files: [HubFile]
    switch self {
    case .everything: files = listing.files
    case .model:
      let wanted = Self.modelFiles(of: listing.files.map(\.path))
      files = listing.files.filter { wanted.contains($0.path) }
    case .matching(let patterns):
      files = listing.files.filter { file in
        // As in huggingface_hub, a folder stands for what is in it.
        patterns.contains { fnmatch($0.hasSuffix("/") ? $0 + "*" : $0, file.path, FNM_NOESCAPE) == 0 }
      }
      guard !files.isEmpty else {
        throw HubError(
          "\(repository.title): no file matches \(patterns.map { "'\(plainLine($0))'" }.joined(separator: " or ")); "
            + "it has \(Self.summary(of: listing.files))")
      }
    case .split(let split, let configuration):
      let layout = DataLayout(paths: listing.files.map(\.path), card: card, title: repository.name)
      do throws(LayoutError) {
        let selection = try layout.split(split, configuration: configuration)
        let known = TextKeyed(listing.files.map { ($0.path, $0) })
        files = selection.files.compactMap { known[$0] }
        for line in selection.remarks { remark(line) }
      } catch {
        throw HubError("\(repository.title): \(error.problem)")
      }
    }
    guard !files.isEmpty else {
      throw HubError("\(repository.title) holds no files that Caravan reads; it has \(Self.summary(of: listing.files))")
    }
    return files
  }

  /// The files at the root that Caravan reads, of those that are there. transformers looks for weights in this order too.
  private static func modelFiles(of paths: [String]) -> Set<TextKey> {
    let wanted = ["config.json", "generation_config.json", "README.md"]
    let root = paths.filter { !$0.contains("/") }
    return Set(texts: root.filter { wanted.contains($0) || CarriedFiles.isCarried($0) } + weights(of: root))
  }

  private static func weights(of root: [String]) -> [String] {
    for (stem, ending) in [("model", ".safetensors"), ("pytorch_model", ".bin")] {
      if root.contains(stem + ending) { return [stem + ending] }
      let index = stem + ending + ".index.json"
      if root.contains(index) {
        return root.filter { $0.hasPrefix(stem + "-") && $0.hasSuffix(ending) } + [index]
      }
    }
    return []
  }

  /// A few of the files, and how many more there are.
  static func summary(of files: [HubFile]) -> String {
    guard !files.isEmpty else { return "no files" }
    let shown = files.prefix(5).map { plainLine($0.path) }.joined(separator: ", ")
    return files.count > 5 ? "\(shown) and \(files.count - 5) more" : shown
  }
}
