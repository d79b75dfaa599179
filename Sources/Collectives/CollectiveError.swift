import Wording

/// Why ranks cannot begin or go on together.
public struct CollectiveError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  /// The rank that has gone, where that is all that this one knows: why it went is for it or its launcher to say.
  public let lost: Int?

  package init(_ wording: Wording, lost: Int? = nil) { (self.wording, self.lost) = (wording, lost) }

  init(_ text: String) { self.init(Wording(text)) }
}
