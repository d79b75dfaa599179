/// A failure of libtorch, or of finding it.
public struct TorchError: Error, CustomStringConvertible, Sendable {
  /// One line: what is wrong, and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
