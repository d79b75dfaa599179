import Foundation

/// Weights are mapped into memory: where another program shortens their file meanwhile, or its disk fails, reading them ends in a
/// signal. This says so, and ends the program; nothing can be read on.
func endWhereFilesAreLost() {
  signal(SIGBUS) { _ in
    // Only what is safe in a signal's handler.
    let line: StaticString =
      "Error: a file that is being read became shorter or unreadable; let nothing change a model while it is in use\n"
    _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    _exit(1)
  }
}
