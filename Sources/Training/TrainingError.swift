/// A run that cannot begin or go on.
public struct TrainingError: Error, CustomStringConvertible, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let description: String

  package init(_ description: String) { self.description = description }
}
