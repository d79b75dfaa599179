import JSON

/// How the names of files and folders tell splits, by the rules of the hub (the `datasets` package's data_files.py).
enum UsualSplits {
  private static let keywords: [(split: String, [String])] = [
    ("train", ["train", "training"]),
    ("validation", ["validation", "valid", "dev", "val"]),
    ("test", ["test", "testing", "eval", "evaluation"]),
  ]

  /// The splits of files, whose paths are sorted: by the first rule that any file follows.
  static func splits(of paths: [String]) -> [DataLayout.Split] {
    let sharded = self.sharded(paths)
    if !sharded.isEmpty { return sharded }
    let parts = paths.map { $0.utf8.split(separator: UInt8(ascii: "/")) }
    for rules in [folderRules, fileRules] {
      let splits = keywords.compactMap { split, keywords -> DataLayout.Split? in
        let files = keywords.flatMap { keyword in
          rules.flatMap { rule in paths.indices.filter { rule.holds(keyword.utf8, parts[$0]) }.map { paths[$0] } }
        }
        return files.isEmpty ? nil : DataLayout.Split(name: split, files: unique(files))
      }
      if !splits.isEmpty { return splits }
    }
    return paths.isEmpty ? [] : [DataLayout.Split(name: "train", files: paths)]
  }

  /// `data/NAME-00000-of-00002.parquet`, with any name of a split.
  private static func sharded(_ paths: [String]) -> [DataLayout.Split] {
    var splits: TextKeyed<[String]> = [:]
    for path in paths where path.hasPrefix("data/") && !path.dropFirst(5).contains("/") {
      guard let name = Shard(path)?.name else { continue }
      splits[name, default: []].append(path)
    }
    let usual = keywords.map(\.split).filter { splits[$0] != nil }
    let names = usual + splits.keys.filter { !usual.contains($0) }.sorted()
    return names.map { DataLayout.Split(name: $0, files: splits[$0] ?? []) }
  }

  private static let folderRules = [
    Rule(isFolder: true, isFirst: true, isLast: true), Rule(isFolder: true, isFirst: true, isLast: false),
    Rule(isFolder: true, isFirst: false, isLast: true), Rule(isFolder: true, isFirst: false, isLast: false),
  ]
  private static let fileRules = [
    Rule(isFolder: false, isFirst: true, isLast: false), Rule(isFolder: false, isFirst: false, isLast: false),
  ]

  /// Where a keyword stands as a whole word: in the name of a folder or of the file, at its beginning, at its end.
  private struct Rule {
    let isFolder: Bool
    let isFirst: Bool
    let isLast: Bool

    func holds(_ keyword: String.UTF8View, _ parts: [Substring.UTF8View]) -> Bool {
      isFolder
        ? parts.dropLast().contains { isWord(keyword, in: $0) } : parts.last.map { isWord(keyword, in: $0) } ?? false
    }

    private func isWord(_ keyword: String.UTF8View, in name: Substring.UTF8View) -> Bool {
      var rest = name
      while true {
        if !isFirst {
          guard let separator = rest.firstIndex(where: Self.isSeparator) else { return false }
          rest = rest[separator...].dropFirst()
        }
        if rest.starts(with: keyword) {
          let after = rest.dropFirst(keyword.count).first
          if isLast ? after == nil : after.map(Self.isSeparator) ?? false { return true }
        }
        if isFirst { return false }
      }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-._ ".utf8.contains(byte)
    }
  }
}

/// A file that is one part of so many: `NAME-00000-of-00002`, with anything behind it that has a point.
struct Shard {
  let name: String
  let index: Int
  let count: Int

  init?(_ path: String) {
    guard let match = fileName(path).wholeMatch(of: #/(.+)-(\d{5})-of-(\d{5})[^.]*\..*/#), let index = Int(match.2),
      let count = Int(match.3)
    else { return nil }
    (name, self.index, self.count) = (String(match.1), index, count)
  }
}

/// The elements without those that have come before.
func unique(_ texts: [String]) -> [String] {
  var seen: Set<[UInt8]> = []
  return texts.filter { seen.insert(Array($0.utf8)).inserted }
}
