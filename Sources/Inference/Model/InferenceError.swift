/// What inference cannot do with what it was given.
public struct InferenceError: Error, CustomStringConvertible, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let description: String

  /// Whether it is that a model's logits are not numbers.
  package var isOfLostNumbers: Bool { self == .lostNumbers }

  init(_ description: String) { self.description = description }

  /// What nothing can be chosen or scored by.
  static let lostNumbers = InferenceError(
    "the model's logits are not numbers: its weights are damaged, or its training has diverged")
}
