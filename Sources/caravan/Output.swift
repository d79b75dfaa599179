import Foundation
import Reporting
import Terminal

/// Says something to the person at the terminal; standard output is for data.
func note(_ line: String) { Terminal.note(line) }

/// Writes a command's result to standard output, at once.
/// - Throws: `OutputError`.
func output(_ text: String) throws(OutputError) {
  let code = Array(text.utf8).withUnsafeBytes { write($0) }
  guard code == 0 else { throw OutputError(code: code) }
}

/// Writes bytes to standard output, at once.
/// - Throws: `OutputError`.
func output(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
  let code = write(bytes)
  guard code == 0 else { throw OutputError(code: code) }
}

/// Standard output cannot be written, as where it is a file on a full disk.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}

/// Writes all bytes to standard output.
/// - Returns: 0, or what the system said.
private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = Foundation.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return errno }
    rest = rest.dropFirst(count)
  }
  return 0
}
