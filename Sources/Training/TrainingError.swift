import Wording

/// A run that cannot begin or go on.
public struct TrainingError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  package init(_ wording: Wording) { self.wording = wording }
}
