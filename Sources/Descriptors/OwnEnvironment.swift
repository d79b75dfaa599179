import Foundation
import Synchronization

/// Variables that this program sets for the libraries that it loads, and that are not for the programs that it starts.
public enum OwnEnvironment {
  /// What they were before; nil for those that were not set.
  private static let earlier = Mutex<[String: String?]>([:])

  /// Sets a variable.
  /// - Parameter unlessSet: whether one that is set already stays as it is.
  public static func set(_ name: String, _ value: String, unlessSet: Bool = false) {
    earlier.withLock { earlier in
      let before = getenv(name).map { String(cString: $0) }
      if unlessSet, before != nil { return }
      if earlier[name] == nil { earlier[name] = .some(before) }
      setenv(name, value, 1)
    }
  }

  /// The environment without them, as `NAME=value`, for a program that is started.
  public static var ofOthers: [String] {
    var variables = ProcessInfo.processInfo.environment
    earlier.withLock { for (name, value) in $0 { variables[name] = value } }
    return variables.map { "\($0)=\($1)" }
  }
}
