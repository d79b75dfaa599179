/// The splits of a data set, as the paths of its files name them.
///
/// The hub knows `data/train-00000-of-00002.parquet`, `train.jsonl`, `train/a.jsonl`, and any of these in a folder for a
/// configuration: `main/train-00000-of-00001.parquet`.
struct DataSplits {
  /// A file of records, and what its path says of it.
  struct Part {
    let file: HubFile
    let split: String
    let configuration: String
    let ending: String
    /// Its number among how many, where its name says so.
    let shard: (index: Int, count: Int)?
  }

  let parts: [Part]
  private let repository: HubRepository
  /// The formats that hold records.
  private static let endings = [".parquet", ".jsonl", ".jsonl.gz", ".json", ".json.gz"]

  init(_ listing: HubListing, _ repository: HubRepository) {
    self.repository = repository
    parts = listing.files.compactMap(Self.part)
  }

  /// The files of a split, in the order of their paths.
  /// - Throws: `HubError` where there are none, some are missing, or it is not clear which are meant.
  func files(_ split: String, configuration: String?) throws(HubError) -> [HubFile] {
    let known = "\(repository.name)\(configuration.map { "/" + $0 } ?? ""):\(split)"
    let found = parts.filter { $0.split == split && (configuration == nil || $0.configuration == configuration) }
    guard !found.isEmpty else {
      let names = Set(parts.map { name($0) }).sorted()
      guard !names.isEmpty else {
        throw HubError("\(repository.title) has no files of records (\(Self.endings.joined(separator: ", ")))")
      }
      let more = names.count > 40 ? " and \(names.count - 40) more" : ""
      throw HubError("\(known): there is no such split; there are \(names.prefix(40).joined(separator: ", "))\(more)")
    }
    let configurations = Set(found.map(\.configuration)).sorted()
    guard configurations.count == 1 else {
      throw HubError(
        "\(known) is in several configurations; name one: \(Set(found.map { name($0) }).sorted().joined(separator: ", "))"
      )
    }
    // Most likely the same records twice.
    let endings = Set(found.map(\.ending)).sorted()
    guard endings.count == 1 else {
      throw HubError(
        "\(known) is there as \(endings.joined(separator: " and as ")); fetch one of them with 'caravan download "
          + "\(repository.name) --dataset --include PATTERN' and name its file")
    }
    try checkShards(found, of: known)
    return found.map(\.file)
  }

  /// How a split is named where it must be told from others.
  private func name(_ part: Part) -> String {
    let several = Set(parts.map(\.configuration)).count > 1
    return repository.name + (several && !part.configuration.isEmpty ? "/" + part.configuration : "") + ":" + part.split
  }

  /// A split of which the listing lacks a part would be trained on as if it were whole.
  private func checkShards(_ parts: [Part], of name: String) throws(HubError) {
    let shards = parts.compactMap(\.shard)
    guard let count = shards.first?.count else { return }
    guard shards.count == parts.count, shards.allSatisfy({ $0.count == count }),
      Set(shards.map(\.index)).count == count, shards.count == count
    else {
      throw HubError("\(name) should be \(count) files and is \(parts.count) in \(repository.title): some are missing")
    }
  }

  private static func part(_ file: HubFile) -> Part? {
    var folders = file.path.split(separator: "/").map(String.init)
    guard !folders.contains(where: { $0.hasPrefix(".") }), let fileName = folders.popLast(),
      let ending = endings.first(where: { fileName.hasSuffix($0) && fileName != $0 })
    else { return nil }
    let (stem, shard) = shard(of: String(fileName.dropLast(ending.count)))
    // `data` only says that there are data; it is no configuration.
    if folders.first == "data" { folders.removeFirst() }
    // `train/a.jsonl`, where the folder is the split: any of the hub's own names, or a folder of numbered parts.
    if let folder = folders.last, usualSplits.contains(folder), !usualSplits.contains(stem) {
      folders.removeLast()
      return Part(
        file: file, split: folder, configuration: folders.joined(separator: "/"), ending: ending, shard: nil)
    }
    return Part(
      file: file, split: stem, configuration: folders.joined(separator: "/"), ending: ending, shard: shard)
  }

  private static let usualSplits: Set = ["train", "validation", "valid", "dev", "test", "eval"]

  /// `train-00000-of-00002` is `train`, the first of two; a hash may follow.
  private static func shard(of stem: String) -> (String, (index: Int, count: Int)?) {
    guard let match = stem.wholeMatch(of: #/(.+)-(\d{5})-of-(\d{5})(-[0-9a-f]+)?/#),
      let index = Int(match.2), let count = Int(match.3), index < count
    else { return (stem, nil) }
    return (String(match.1), (index, count))
  }
}
