import Foundation
import Wording

/// What went wrong with the hub or the cache, and what to do, on one line.
public struct HubError: Worded, Sendable, Equatable {
  /// The line.
  public let wording: Wording
  /// Whether the hub could not be asked at all, so that the cache may answer instead.
  package let isUnreachable: Bool
  /// Whether the hub has no such repository.
  let isAbsent: Bool

  package init(_ wording: Wording, isUnreachable: Bool = false) {
    self.init(wording, isUnreachable: isUnreachable, isAbsent: false)
  }

  init(_ wording: Wording, isUnreachable: Bool = false, isAbsent: Bool) {
    self.wording = wording
    self.isUnreachable = isUnreachable
    self.isAbsent = isAbsent
  }

  /// What the operating system said about the call that has just failed.
  static func system(_ path: String, _ action: String, _ code: Int32 = errno) -> HubError {
    HubError("\(path): \(action): \(String(cString: strerror(code)))")
  }
}

/// A transfer that broke off. Unlike a `HubError`, it may succeed when tried again.
enum TransferFailure: Error {
  /// The line broke, or the server is busy and says how long.
  case interrupted(String, retryAfter: Duration? = nil)
  /// A storage's permission has run out; the hub gives a new one.
  case denied(String)
  /// What came is not what was published; only a fresh beginning can help.
  case damaged(String)

  /// What happened.
  var reason: String {
    switch self {
    case .interrupted(let reason, _), .denied(let reason), .damaged(let reason): reason
    }
  }
}

/// A server's text, fit for a message.
func plainLine(_ text: String) -> String { plainLine(text, limit: 300) }
