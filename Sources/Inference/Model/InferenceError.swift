/// What inference cannot do with what it was given.
public struct InferenceError: Error, CustomStringConvertible, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
