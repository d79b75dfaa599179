/// Why a model cannot be evaluated, in one line.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line: what is wrong, where, and what to do.
  public let description: String

  /// An error that says `description`.
  public init(_ description: String) { self.description = description }
}
