import Foundation

/// Says something to the person at the terminal; standard output is for data.
func note(_ line: String) {
  // What cannot be said is no reason to stop.
  _ = write(line + "\n", to: STDERR_FILENO)
}

/// Writes a command's result to standard output, at once.
/// - Throws: `OutputError`.
func output(_ text: String) throws(OutputError) {
  guard write(text, to: STDOUT_FILENO) else { throw OutputError(code: errno) }
}

/// Writes bytes to standard output, at once.
/// - Throws: `OutputError`.
func output(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
  guard write(bytes, to: STDOUT_FILENO) else { throw OutputError(code: errno) }
}

/// Standard output cannot be written, as where it is a file on a full disk.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}

private func write(_ text: String, to descriptor: Int32) -> Bool {
  Array(text.utf8).withUnsafeBytes { write($0, to: descriptor) }
}

private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
