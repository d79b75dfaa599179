import Foundation

/// A file of votes that cannot be used: which and why.
public struct VoteFileError: Error, CustomStringConvertible {
  /// The file and the reason.
  public let description: String

  init(_ path: String, _ problem: String) { description = "\(path) \(problem)" }

  /// What the operating system refused.
  init(cannot what: String, _ path: String) {
    description = "\(path) cannot \(what): \(String(cString: strerror(errno)))"
  }
}
