import Descriptors
import Foundation

/// Says something to the person at the terminal, on a line of standard error.
public func note(_ line: String) { writeToStandardError(line + "\n") }

/// Writes to standard error all that it takes. What cannot be said is no reason to fail; a reader who has closed the pipe,
/// as a pager does, asks the run to stop.
func writeToStandardError(_ text: String) {
  if writeAll(Array(text.utf8), to: STDERR_FILENO) == EPIPE { Interruption.readerIsGone() }
}
