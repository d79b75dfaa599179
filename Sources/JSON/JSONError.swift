/// Text that is not JSON: what was wrong, and where.
public struct JSONError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What was expected and what stood there.
  public let reason: String
  /// The line, from 1.
  public let line: Int
  /// The byte within the line, from 1.
  public let column: Int

  /// `line 3, column 14: what was expected`.
  public var description: String { "line \(line), column \(column): \(reason)" }
}
