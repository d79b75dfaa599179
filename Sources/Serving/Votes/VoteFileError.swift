import Foundation
import Wording

/// A file of votes that cannot be used: which and why.
public struct VoteFileError: Worded {
  /// The file and the reason.
  public let wording: Wording

  init(_ path: String, _ problem: Wording) { wording = "\(path) \(problem)" }

  /// What the operating system refused.
  init(cannot what: String, _ path: String, _ code: Int32 = errno) {
    wording = "\(path) cannot \(what): \(String(cString: strerror(code)))"
  }
}
