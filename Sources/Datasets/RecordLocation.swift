import JSON

/// Where a record stands, for messages about it.
public struct RecordLocation: Sendable, Hashable, CustomStringConvertible {
  /// The path of the file, as it was given.
  public let file: String
  /// The line on which the record begins, or its row in a table, from 1.
  public let line: Int

  /// The line or row `line` of `file`.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// As compilers write it: `pairs.jsonl:17`.
  public var description: String { "\(file):\(line)" }
}
