import Wording

/// A failure of libtorch, or of finding it.
public struct TorchError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  init(_ wording: Wording) { self.wording = wording }
}
