import Datasets
import Foundation
import JSON

/// A table of comma-separated values (RFC 4180): quoted cells may hold commas, line breaks and doubled quotes.
struct CSVTable {
  /// The rows, the first too, as it may hold names.
  let rows: [[String]]
  private let path: String

  /// Reads a file, which may be packed.
  /// - Throws: `DatasetError` for what cannot be read, is not UTF-8, or ends within quotes.
  init(path: String) throws {
    self.path = path
    rows = try Self.rows(try DataFiles.bytes(at: path), path)
  }

  /// The rows below the first as objects, by the names in the first.
  var records: [JSON] {
    guard let names = rows.first else { return [] }
    return rows.dropFirst().map { row in .object(TextKeyed(zip(names, row.map(JSON.string)))) }
  }

  static func rows(_ bytes: [UInt8], _ path: String) throws -> [[String]] {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw DatasetError.file(path: path, problem: "is not valid UTF-8")
    }
    let (quote, comma, newline, feed) = (UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var (rows, row, cell) = ([[String]](), [String](), [UInt8]())
    var (isQuoted, index, line) = (false, 0, 1)
    var openedAt = 1
    func endCell() {
      row.append(String(decoding: cell, as: UTF8.self))
      cell = []
    }
    func endRow() {
      endCell()
      // An empty line is no row.
      if row.count > 1 || !row[0].utf8.isEmpty { rows.append(row) }
      row = []
    }
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : nil
      if byte == newline { line += 1 }
      switch byte {
      case quote where isQuoted && next == quote:
        cell.append(quote)
        index += 1
      case quote where isQuoted: isQuoted = false
      case quote where cell.isEmpty: (isQuoted, openedAt) = (true, line)
      case comma where !isQuoted: endCell()
      case newline where !isQuoted: endRow()
      case feed where !isQuoted && next == newline: break
      default: cell.append(byte)
      }
      index += 1
    }
    guard !isQuoted else {
      throw DatasetError.file(path: path, problem: "line \(openedAt) opens a quote that is never closed")
    }
    if !cell.isEmpty || !row.isEmpty { endRow() }
    return rows
  }
}
