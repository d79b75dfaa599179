/// A tokenizer file that cannot be used: what is wrong, and in which file.
public struct TokenizerError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The path of the file or folder.
  public let path: String
  /// What is wrong there.
  public let reason: String

  /// Both, on one line.
  public var description: String { "\(path): \(reason)" }
}

/// What is wrong with a part of a tokenizer file; whoever knows the file turns it into a `TokenizerError`.
struct TokenizerProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
