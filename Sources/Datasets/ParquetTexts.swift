import Parquet

/// The rows of a Parquet file, each a record.
struct ParquetTexts: RecordTexts {
  private let rows: ParquetRows
  private let path: String

  /// - Parameter fields: the fields to read, each a path of names; nil for all.
  init(path: String, fields: [[String]]?, maximumLength: Int) throws(DatasetError) {
    self.path = path
    do throws(ParquetError) {
      rows = try ParquetFile(path).rows(fields, maximumRowLength: maximumLength)
    } catch {
      throw .file(path: path, problem: error.explanation)
    }
  }

  mutating func next() throws(DatasetError) -> RecordText? {
    do throws(ParquetError) {
      guard let row = try rows.next() else { return nil }
      return RecordText(row: row, location: RecordLocation(file: path, line: rows.row))
    } catch {
      throw .file(path: path, problem: error.explanation)
    }
  }
}
