/// What a model cannot do with what it was given.
public struct LlamaError: Error, CustomStringConvertible, Sendable {
  /// One line: what is wrong, and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
