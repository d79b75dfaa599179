import Foundation

/// Runs a line of the shell to its end.
/// - Returns: its exit status; -1 where there is no shell.
@discardableResult
public func shell(_ line: String) -> Int32 {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", line]
  guard (try? process.run()) != nil else { return -1 }
  process.waitUntilExit()
  return process.terminationStatus
}
