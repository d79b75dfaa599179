import Foundation

/// A file that could not be read, written, or understood: which, where in it, and why, on one line.
public struct ReportingError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file or folder.
  public let path: String
  /// The line in the file, from 1, where the trouble has one.
  public let line: Int?
  /// What is wrong and, where it helps, what to do.
  public let reason: String

  package init(_ path: String, line: Int? = nil, _ reason: String) {
    self.path = path
    self.line = line
    self.reason = reason
  }

  /// What the operating system said about the call that has just failed.
  init(cannot action: String, _ path: String, code: Int32 = errno) {
    self.init(path, "cannot \(action): \(String(cString: strerror(code)))")
  }

  /// `path:line: reason`.
  public var description: String { line.map { "\(path):\($0): \(reason)" } ?? "\(path): \(reason)" }
}
