import Wording

/// What cannot be trained as asked.
public struct AlignmentError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  package init(_ wording: Wording) { self.wording = wording }
}
