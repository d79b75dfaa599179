import Wording

/// A parameter that an objective cannot have.
public struct ObjectiveError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  init(_ wording: Wording) { self.wording = wording }
}
