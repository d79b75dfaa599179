import JSON

/// A format of files that hold records, as their names tell it.
package enum DataFormat: Sendable {
  case parquet, json

  /// What stands behind a file's name, and behind that what it may be packed with.
  private static let formats: TextKeyed<DataFormat> = [
    "parquet": .parquet, "geoparquet": .parquet, "gpq": .parquet, "json": .json, "jsonl": .json, "ndjson": .json,
  ]
  private static let packings: Set = ["gz", "zst", "bz2", "xz"]
  /// Files that speak of the records instead of holding them.
  private static let aside: Set = [
    "config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json",
  ]
  /// What other files of records there are, which are not read.
  private static let others: Set = [
    "csv", "tsv", "arrow", "txt", "zip", "tar", "xml", "h5", "hdf5", "lance", "pkl", "7z",
  ]

  /// How names of files that are read end, for messages.
  package static let endings = ".parquet, .jsonl, .json or .ndjson, each also with .gz, .zst, .bz2 or .xz"

  /// The format of a file; nil for one that is not read.
  package init?(_ path: String) {
    guard let ending = Self.ending(of: path), let format = Self.formats[ending] else { return nil }
    self = format
  }

  /// The ending that tells the format, without a point: `jsonl` of `a.jsonl.gz`; nil where the file is not read.
  static func ending(of path: String) -> String? {
    let name = fileName(path)
    guard !aside.contains(name) else { return nil }
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map(String.init)
    if let last = parts.last, packings.contains(last) { parts.removeLast() }
    return parts.last.flatMap { formats[$0] == nil ? nil : $0 }
  }

  /// How a file ends that holds records of a format that is not read; nil for any other.
  package static func otherEnding(of path: String) -> String? {
    let parts = fileName(path).split(separator: ".", omittingEmptySubsequences: false).dropFirst()
    return parts.last.map { $0.lowercased() }.flatMap { others.contains($0) ? "." + $0 : nil }
  }

  /// The format of several files, as datasets chooses it: the one whose ending most of them have; of equals Parquet,
  /// then JSON lines.
  static func chosen(among paths: some Sequence<String>) -> DataFormat? {
    var counts: TextKeyed<Int> = [:]
    for path in paths { if let ending = ending(of: path) { counts[ending, default: 0] += 1 } }
    let order = ["parquet", "jsonl", "json"]
    func rank(_ ending: String) -> Int { order.firstIndex(of: ending) ?? order.count }
    let ending = counts.max { ($0.value, -rank($0.key), $0.key) < ($1.value, -rank($1.key), $1.key) }?.key
    return ending.flatMap { formats[$0] }
  }
}

/// The last part of a path.
func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
