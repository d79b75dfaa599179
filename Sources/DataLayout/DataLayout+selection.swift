import JSON

extension DataLayout {
  /// The files of a split that are read: those of one format, all of their parts.
  func selection(_ split: Split, _ configuration: String?, among splits: [Split]) throws(LayoutError) -> Selection {
    let name = names([split.name], of: configuration)
    let format = DataFormat.chosen(among: split.files)
    let files = split.files.filter { DataFormat($0) == format }
    try checkShards(files, of: name)
    var remarks: [String] = []
    let left = split.files.filter { DataFormat($0) != format }
    if !left.isEmpty {
      remarks.append("\(name): left out \(left.count) files of another format than the rest: \(list(left, most: 3))")
    }
    let known = Set(texts: files)
    for other in splits where other.name != split.name {
      let shared = other.files.filter { known.contains($0) }
      guard !shared.isEmpty else { continue }
      remarks.append("\(name): \(list(shared, most: 3)) is also part of the split '\(shown(other.name))'")
    }
    return Selection(files: files, remarks: remarks)
  }

  /// How splits are named, with the configuration where that is needed.
  func names(_ splits: [String], of configuration: String?) -> String {
    list(splits.map { "\(title)\(configuration.map { "/" + shown($0) } ?? ""):\($0)" })
  }

  /// A split of which a part is missing would be trained on as if it were whole.
  private func checkShards(_ files: [String], of name: String) throws(LayoutError) {
    var groups: TextKeyed<[Shard]> = [:]
    for file in files {
      guard let shard = Shard(file) else { continue }
      groups[file.split(separator: "/").dropLast().joined(separator: "/") + "/" + shard.name, default: []].append(shard)
    }
    for shards in groups.values {
      let count = shards[0].count
      guard shards.allSatisfy({ $0.count == count }), Set(shards.map(\.index)).count == count, shards.count == count
      else {
        throw LayoutError(
          "\(name) should be \(count) files named \(shown(shards[0].name))-…, and is \(shards.count): some are missing, or there twice"
        )
      }
    }
  }
}
