import Wording

/// What a model cannot do with what it was given.
public struct LlamaError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  init(_ wording: Wording) { self.wording = wording }
}
