import Foundation
import JSON

/// Safetensors weights that a folder already has.
struct OldWeights {
  private let folder: URL
  /// Names of `model-00001-of-0000N.safetensors` files.
  let shards: Set<String>
  /// The index's name, where there is one.
  let index: String?
  private let single: String?

  init(_ folder: URL) {
    self.folder = folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    shards = Set(names.filter { $0.wholeMatch(of: /model-[0-9]{5,}-of-[0-9]{5,}\.safetensors/) != nil })
    index = names.first { $0 == ShardPlan.indexName }
    single = names.first { $0 == "model.safetensors" }
  }

  func removeIndex() throws { try remove([index].compactMap { $0 }) }

  /// Removes all but `names`: the single file first, since readers prefer it, and shards after the index.
  func remove(keeping names: Set<String>) throws {
    try remove(([single, index].compactMap { $0 } + shards.sorted()).filter { !names.contains($0) })
  }

  private func remove(_ names: [String]) throws {
    for name in names {
      let path = folder.appendingPathComponent(name).path
      guard unlink(path) == 0 || errno == ENOENT else { throw ModelFileError.system(path, "cannot be removed") }
    }
    if !names.isEmpty { try AtomicFile.syncFolder(folder.path) }
  }
}
