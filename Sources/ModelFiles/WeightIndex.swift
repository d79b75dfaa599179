import JSON

/// The index of sharded weights: which file of the folder holds which tensor.
struct WeightIndex {
  /// The file's name by the tensor's.
  let shards: TextKeyed<String>

  /// Reads the index at `path`. Files must lie in the index's own folder.
  init(_ path: String) throws {
    let file = try JSONFile(path)
    guard let map = file.json["weight_map"]?.object else { throw ModelFileError(path, "weight_map is missing") }
    guard !map.isEmpty else { throw ModelFileError(path, "weight_map names no tensor") }
    var shards: TextKeyed<String> = [:]
    for (tensor, value) in map {
      guard let shard = value.string else {
        throw ModelFileError(path, "weight_map \(quoted(tensor)) is \(value.kind), no file name")
      }
      // Bytes, not characters: a combining accent makes another character of the slash before it.
      let hasSlash = shard.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
      let isPlain = !["", ".", ".."].contains(shard) && !hasSlash
      guard isPlain else {
        throw ModelFileError(
          path, "weight_map \(quoted(tensor)) names \(quoted(shard)), which is not a file of the folder")
      }
      shards[tensor] = shard
    }
    self.shards = shards
  }
}
