import Foundation

/// A program at work; it ends with the test.
final class Program {
  private let process = Process()
  private let output = Pipe()

  /// Whether there is such a program.
  static func isThere(_ name: String) -> Bool {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return folders.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  /// Starts a program with words as its arguments.
  init(_ line: String, in folder: URL) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit { process.terminate() }

  func wait() { process.waitUntilExit() }

  /// The first line of its output that is wanted.
  func line(where isWanted: (String) -> Bool) -> String? {
    var text = ""
    while let more = try? output.fileHandleForReading.read(upToCount: 1), !more.isEmpty {
      text += String(decoding: more, as: UTF8.self)
      guard text.hasSuffix("\n") else { continue }
      if isWanted(text.trimmingCharacters(in: .newlines)) { return text.trimmingCharacters(in: .newlines) }
      text = ""
    }
    return nil
  }
}
