import Parquet

/// The rows of a Parquet file, each a record.
struct ParquetTexts: RecordTexts {
  private let rows: ParquetRows
  private let rowCount: Int
  private let size: Int
  private let path: String

  /// - Parameter fields: the fields to read, each a path of names; nil for all.
  init(path: String, fields: [[String]]?, maximumLength: Int) throws(DatasetError) {
    self.path = path
    do throws(ParquetError) {
      let file = try ParquetFile(path)
      rows = try file.rows(fields, maximumRowLength: maximumLength)
      rowCount = file.rowCount
      size = file.size
    } catch {
      throw .file(path: path, problem: error.explanation)
    }
  }

  /// As if rows were equally long.
  var bytesRead: Int { rowCount == 0 ? size : Int(Double(size) * Double(rows.row) / Double(rowCount)) }

  mutating func next() throws(DatasetError) -> RecordText? {
    do throws(ParquetError) {
      guard let row = try rows.next() else { return nil }
      return RecordText(row: row, location: RecordLocation(file: path, line: rows.row))
    } catch {
      throw .file(path: path, problem: error.explanation)
    }
  }
}
