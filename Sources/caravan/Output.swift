import Descriptors
import Foundation
import Terminal

/// Says something to the person at the terminal; standard output is for data.
func note(_ line: String) { Terminal.note(line) }

/// Writes a command's result to standard output, at once.
/// - Throws: `OutputError`.
func output(_ text: String) throws(OutputError) {
  let code = writeAll(Array(text.utf8), to: STDOUT_FILENO)
  guard code == 0 else { throw OutputError(code: code) }
}

/// Writes bytes to standard output, at once.
/// - Throws: `OutputError`.
func output(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
  let code = writeAll(bytes, to: STDOUT_FILENO)
  guard code == 0 else { throw OutputError(code: code) }
}

/// Standard output cannot be written, as where it is a file on a full disk.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}
