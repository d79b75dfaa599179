/// A Parquet file that cannot be read: damaged, cut off, or made in a way that is not supported.
public struct ParquetError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file's path, as it was given.
  public let path: String
  /// The column at fault, its names joined by points; nil where it is the file as a whole.
  public let column: String?
  /// The row that was being read, counted from 1 over the whole file; nil where it is none in particular.
  public internal(set) var row: Int?
  /// What is wrong.
  public let problem: String

  init(_ path: String, column: String? = nil, row: Int? = nil, _ problem: String) {
    self.path = path
    self.column = column
    self.row = row
    self.problem = problem
  }

  /// Where in the file, and what is wrong: `row 17: column 'chosen': the page's checksum is wrong`.
  public var explanation: String {
    let place = row.map { "row \($0): " } ?? ""
    return place + (column.map { "column '\($0)': " } ?? "") + problem
  }

  /// One line: the file, and `explanation`.
  public var description: String { "\(path): \(explanation)" }
}

/// What is wrong with some bytes; whoever knows file and column makes a `ParquetError` of it.
struct Problem: Error, Equatable {
  let text: String

  init(_ text: String) { self.text = text }
}
