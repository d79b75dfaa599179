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

/// Standard output cannot be written, as where it is a file on a full disk.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}

private func write(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
