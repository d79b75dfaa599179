import Wording

/// A run that cannot begin or go on.
public struct TrainingError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  /// Whether the numbers of the training itself are none any more, as where its rate is too high.
  public let isDivergence: Bool

  package init(_ wording: Wording, isDivergence: Bool = false) {
    self.wording = wording
    self.isDivergence = isDivergence
  }
}
