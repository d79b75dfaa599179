import Datasets
import Foundation
import Hashing
import JSON

/// The files of a benchmark, by splits.
public struct BenchmarkData: Sendable {
  /// What they are called in messages.
  public let name: String
  /// The folder that holds them; nil for files that were found one by one.
  public let folder: URL?
  /// The commit of the hub's repository that they are of; nil where they are not the hub's.
  public let revision: String?
  private let files: [String]
  private let splits: TextKeyed<[String]>

  /// Files whose splits are known.
  public init(name: String, splits: TextKeyed<[String]>, revision: String? = nil) {
    (self.name, self.splits, folder, self.revision) = (name, splits, nil, revision)
    files = splits.flatMap(\.value)
  }

  /// A file, or a folder whose files say by their paths which split they are: `test.jsonl`, `dev/anatomy_dev.csv`,
  /// `main/test-00000-of-00001.parquet`.
  /// - Throws: `EvaluationError` for what is not there, and for a folder without data.
  public init(at path: String) throws(EvaluationError) {
    (name, splits, revision) = (path, [:], nil)
    guard FileManager.default.fileExists(atPath: path) else {
      throw EvaluationError("\(path): no such file or folder")
    }
    let isFolder = Self.isFolder(path)
    folder = isFolder ? URL(filePath: path) : nil
    guard isFolder else {
      files = [path]
      return
    }
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    func found(_ endings: [String]) -> [String] {
      names.filter { name in endings.contains { name.hasSuffix($0) } && !name.hasPrefix(".") }.sorted()
        .map { path + (path.hasSuffix("/") ? "" : "/") + $0 }
    }
    // Beside data, texts are remarks on them.
    let data = found(Self.endings)
    files = data.isEmpty ? found([".txt"]) : data
    guard !files.isEmpty else { throw EvaluationError("\(path): holds no .jsonl, .json, .parquet, .csv or .txt file") }
  }

  /// Whether a path is that of a folder.
  package static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static let endings = [
    ".jsonl", ".json", ".parquet", ".csv", ".jsonl.gz", ".json.gz", ".csv.gz", ".jsonl.zst",
  ]

  /// The files of a split; of a single file, that. None where no path names the split.
  /// - Parameter configuration: where some of these paths name it too, only they count.
  public func paths(of split: String, configuration: String? = nil) -> [String] {
    if let known = splits[split] { return known }
    guard folder != nil else { return files }
    let named = files.filter { Self.words(relative($0)).contains { Self.means($0, split) } }
    guard let configuration else { return named }
    let narrowed = named.filter { relative($0).contains("/\(configuration)/") }
    return narrowed.isEmpty ? named : narrowed
  }

  /// The records of a split: of JSON Lines, JSON, Parquet, or CSV with a line of names. A folder with one file is that file.
  /// - Throws: `EvaluationError` where there is none, `DatasetError` for what cannot be read.
  public func records(of split: String, configuration: String? = nil) throws -> [JSON] {
    var paths = paths(of: split, configuration: configuration)
    if paths.isEmpty, files.count == 1 { paths = files }
    guard !paths.isEmpty else {
      throw EvaluationError("\(name): no file is the split '\(split)'; its path should name it, as in \(split).jsonl")
    }
    return try paths.flatMap(Self.records)
  }

  /// A file's path within the folder, with a slash before it.
  private func relative(_ path: String) -> String { "/" + path.dropFirst(name.count).drop { $0 == "/" } }

  private static func records(in path: String) throws -> [JSON] {
    if path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") { return try CSVTable(path: path).records }
    let reader = try DatasetReader<RawRecord>([path])
    return try reader.readAll().map(\.json)
  }

  /// The SHA-256 of all files, in the order of their paths.
  /// - Throws: where one cannot be read.
  public func digest() throws -> String {
    let hasher = ByteHasher(.sha256)
    for path in files {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty { part.withUnsafeBytes(hasher.update) }
    }
    return hasher.finalize().hexadecimal
  }

  private static func words(_ path: String) -> [String] {
    path.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  private static func means(_ word: String, _ split: String) -> Bool {
    word == split || split == "validation" && ["val", "valid"].contains(word)
  }
}

/// A record as it stands in its file.
private struct RawRecord: DatasetRecord {
  let json: JSON
  init(json: JSON, location: RecordLocation) { self.json = json }
}
