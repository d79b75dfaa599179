import Foundation

/// Says something to the person at the terminal, on a line of standard error.
public func note(_ line: String) { writeToStandardError(line + "\n") }

/// Writes to standard error all that it takes. What cannot be said is no reason to fail; a reader who has closed the pipe,
/// as a pager does, asks the run to stop.
func writeToStandardError(_ text: String) {
  Array(text.utf8).withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EPIPE { Interruption.readerIsGone() }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
