import Foundation
import JSON
import Parquet
import TestSupport

/// The files of `Scripts/fixtures/parquet.py`.
enum Fixtures {
  private static let folder = Checkout.fixtures(of: "ParquetTests")

  /// The Parquet files, without their ending.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".parquet") }.map { String($0.dropLast(8)) }.sorted()
  }()

  static func path(_ name: String) -> String { folder.appending(path: "\(name).parquet").path }

  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(name)))) }

  /// What the file is to give.
  static func rows(of name: String) throws -> [JSON] {
    let file = folder.appending(path: "\(name.prefix { $0 != "@" }).jsonl")
    return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: [UInt8]($0)) }
  }
}

/// All rows of a file.
func rows(_ path: String, _ fields: [[String]]? = nil) throws -> [JSON] {
  let reader = try ParquetFile(path).rows(fields)
  var rows: [JSON] = []
  while let row = try reader.next() { rows.append(row) }
  return rows
}

/// Writes bytes to a file for as long as `body` runs.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.write("file.parquet", bytes).path) }
}

/// What is wrong with a file; nil where all its rows can be read.
func failure(at path: String, maximumRowLength: Int = 1 << 24) -> String? {
  do throws(ParquetError) {
    let reader = try ParquetFile(path).rows(maximumRowLength: maximumRowLength)
    while try reader.next() != nil {}
    return nil
  } catch {
    return error.explanation
  }
}

func failure(of bytes: [UInt8], maximumRowLength: Int = 1 << 24) throws -> String? {
  try withFile(bytes) { failure(at: $0, maximumRowLength: maximumRowLength) }
}
