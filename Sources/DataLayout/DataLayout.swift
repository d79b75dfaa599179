import JSON

/// Which files of a data set are which split, by the rules of the hub: as its card says, or else as the names of its files
/// and folders tell. On the hub and in a folder the rules are the same.
///
///     let layout = DataLayout(paths: ["train.jsonl", "test.jsonl"], card: nil, title: "data/")
///     try layout.split("train").files  // ["train.jsonl"]
package struct DataLayout: Sendable {
  /// A split, with its files in the order in which they are read.
  package struct Split: Sendable, Equatable {
    package let name: String
    package var files: [String]
  }

  /// What is read for a split, and what a person should know about it.
  package struct Selection: Sendable, Equatable {
    package let files: [String]
    package let remarks: [String]
  }

  private let paths: [String]
  private let configurations: [DataCard.Configuration]
  /// How messages name it, in front of a configuration and a split.
  let title: String

  /// - Parameters:
  ///   - paths: the paths of all its files, relative to it.
  ///   - title: what people write in front of `/CONFIGURATION:SPLIT`.
  package init(paths: [String], card: DataCard?, title: String) {
    self.paths = paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    configurations = card?.configurations ?? []
    self.title = title
  }

  /// The files of a split.
  /// - Parameter configuration: one of the card's, or else a folder; needed where there are several without a default.
  /// - Throws: `LayoutError` where there are none, some are missing, or it is not clear which are meant.
  package func split(_ name: String, configuration: String? = nil) throws(LayoutError) -> Selection {
    let (configuration, splits) = try resolve(configuration)
    guard let split = splits.first(where: { $0.name == name }) else {
      throw LayoutError(
        "there is no split '\(shown(name))'; there are \(names(splits.map(\.name), of: configuration))")
    }
    return try selection(split, configuration, among: splits)
  }

  /// The files of the only split that there is.
  /// - Throws: `LayoutError` where there are several, or files that belong to none.
  package func onlySplit() throws(LayoutError) -> Selection {
    let (configuration, splits) = try resolve(nil)
    guard let split = splits.first, splits.count == 1 else {
      throw LayoutError("holds several splits; name one: \(names(splits.map(\.name), of: configuration))")
    }
    let known = Set(texts: split.files)
    let strays = dataFiles(in: "").filter { !known.contains($0) }
    guard strays.isEmpty || configuration != nil else {
      throw LayoutError(
        "holds \(names([split.name], of: configuration)) and files of no split (\(list(strays, most: 3))); "
          + "name the split, or the files")
    }
    return try selection(split, configuration, among: splits)
  }

  /// All files of records, of whatever split.
  package func everyFile() throws(LayoutError) -> Selection {
    let files = dataFiles(in: "")
    guard !files.isEmpty else { throw nothing() }
    return Selection(files: files, remarks: [])
  }

  // MARK: Resolving

  /// The splits of a configuration, and its name where it was needed.
  func resolve(_ name: String?) throws(LayoutError) -> (configuration: String?, [Split]) {
    let splits: [Split]
    var chosen = name
    if let found = try cardConfiguration(name) {
      splits = try self.splits(of: found)
      if configurations.count > 1 { chosen = found.name }
    } else {
      splits = usualSplits(in: Self.folder(name ?? ""))
    }
    guard !splits.isEmpty else {
      guard let name, !dataFiles(in: "").isEmpty else { throw nothing() }
      throw LayoutError(
        "there is no configuration or folder '\(shown(name))'; there are \(list(configurationNames))")
    }
    return (chosen, splits)
  }

  private func cardConfiguration(_ name: String?) throws(LayoutError) -> DataCard.Configuration? {
    if let name { return configurations.first { $0.name == name } }
    guard configurations.count > 1 else { return configurations.first }
    let defaults = configurations.filter(\.isDefault)
    guard defaults.count == 1 else {
      throw LayoutError("has several configurations; name one: \(list(configurationNames))")
    }
    return defaults[0]
  }

  private var configurationNames: [String] {
    guard configurations.isEmpty else { return configurations.map { "\(title)/\($0.name)" } }
    let folders = dataFiles(in: "").compactMap {
      $0.contains("/") ? $0.split(separator: "/").first.map(String.init) : nil
    }
    return unique(folders).map { "\(title)/\($0)" }
  }

  private func splits(of configuration: DataCard.Configuration) throws(LayoutError) -> [Split] {
    let folder = Self.folder(configuration.folder)
    guard let patterns = configuration.patterns else { return usualSplits(in: folder) }
    var splits: [Split] = []
    for (name, patterns) in patterns {
      splits.append(Split(name: name, files: try files(patterns.map { Self.prefix(folder) + $0 })))
    }
    return splits.filter { !$0.files.isEmpty }
  }

  /// The folder without `.` parts and slashes at its ends.
  private static func folder(_ text: String) -> String {
    text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// The files that a card's patterns stand for, in the patterns' order.
  private func files(_ patterns: [String]) throws(LayoutError) -> [String] {
    let known = Set(texts: paths)
    var wildcards = 0
    var files: [String] = []
    for pattern in patterns {
      guard !pattern.contains("://") else {
        throw LayoutError("its card names '\(shown(pattern))', which lies elsewhere; fetch it and name the file")
      }
      let glob = try Glob(pattern)
      if glob.hasWildcards {
        wildcards += 1
        guard wildcards * paths.count <= Self.mostComparisons else {
          throw LayoutError("its card has more patterns for one split than can be looked up; name the files")
        }
        let hidden = Self.hiddenParts(glob.text)
        files += paths.filter { Self.isNamed($0) && Self.hiddenParts($0) == hidden && glob.matches($0) }
      } else {
        guard known.contains(glob.text) else {
          throw LayoutError("its card names '\(shown(pattern))', which is not there")
        }
        files.append(glob.text)
      }
    }
    return unique(files)
  }

  /// A bound for the work that a card can ask for.
  private static let mostComparisons = 20_000_000

  /// The files of records in a folder and below, without hidden ones.
  private func dataFiles(in folder: String) -> [String] {
    let prefix = Self.prefix(folder)
    return paths.filter { path in
      DataFormat(path) != nil && path.utf8.starts(with: prefix.utf8)
        && Self.hiddenParts(Self.path(path, in: folder)) == 0
    }
  }

  private func nothing() -> LayoutError {
    let others = paths.filter { DataFormat.otherEnding(of: $0) != nil && Self.hiddenParts($0) == 0 }
    guard !others.isEmpty else {
      return LayoutError("has no files of records (\(DataFormat.endings))")
    }
    let isSaved = others.contains { DataFormat.otherEnding(of: $0) == ".arrow" }
    let hint = isSaved ? " (datasets' load_from_disk reads it, and to_parquet writes files that are read here)" : ""
    return LayoutError("has no files that are read (\(DataFormat.endings)), only \(list(others, most: 3))\(hint)")
  }

  /// The usual splits of a folder.
  private func usualSplits(in folder: String) -> [Split] {
    UsualSplits.splits(of: dataFiles(in: folder).map { Self.path($0, in: folder) })
      .map { Split(name: $0.name, files: $0.files.map { Self.prefix(folder) + $0 }) }
  }

  private static func prefix(_ folder: String) -> String { folder.isEmpty ? "" : folder + "/" }

  private static func path(_ path: String, in folder: String) -> String {
    String(decoding: path.utf8.dropFirst(prefix(folder).utf8.count), as: UTF8.self)
  }

  /// Whether a card's pattern may stand for a file.
  private static func isNamed(_ path: String) -> Bool {
    DataFormat(path) != nil || DataFormat.otherEnding(of: path) != nil
  }

  /// How many parts of a path are hidden: names that begin with a point, and folders whose names begin with `__`.
  private static func hiddenParts(_ path: String) -> Int {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"))
    return parts.count { $0.first == UInt8(ascii: ".") } + parts.dropLast().count { $0.starts(with: "__".utf8) }
  }
}
