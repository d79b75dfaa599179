import Foundation

/// A file of a model folder that cannot be read or written: which one, what is wrong with it, what to do.
public struct ModelFileError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file or folder, as the person named it.
  public let path: String
  /// What is wrong, on one line.
  public let reason: String

  /// An error about the file at `path`.
  public init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// `path: reason`, on one line.
  public var description: String { "\(oneLine(path)): \(reason)" }

  /// The failure of a system call, in the system's words.
  static func system(_ path: String, _ action: String, _ code: Int32 = errno) -> ModelFileError {
    ModelFileError(path, "\(action): \(String(cString: strerror(code)))")
  }
}

/// Text from a file, fit for a message: control characters escaped, cut where it is longer than `limit` characters.
func oneLine(_ text: String, limit: Int = 1000) -> String {
  var line = ""
  var length = 0
  for scalar in text.unicodeScalars {
    guard length < limit else { return line + "…" }
    let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .lineSeparator
    line +=
      isControl || scalar.properties.generalCategory == .paragraphSeparator
      ? scalar.escaped(asASCII: true) : String(scalar)
    length += 1
  }
  return line
}

/// A name from a file, in quotes, fit for a message.
func quoted(_ name: String) -> String { "'\(oneLine(name, limit: 120))'" }
