import Foundation

/// Says why the program ends where nothing can be caught: by a signal, or by an exception that libtorch lets through.
func explainSuddenEnds() {
  // Weights are mapped into memory. Reading them where another program shortened their file, or where the disk fails, ends in a signal.
  signal(SIGBUS) { _ in
    endSaying("a file that is being read became shorter or unreadable; let nothing change a model while it is in use")
  }
  // libtorch is C++: while it loads, and on its own threads, what it throws for want of memory reaches nobody.
  typealias SetTerminate = @convention(c) (@convention(c) () -> Void) -> UnsafeMutableRawPointer?
  if let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "_ZSt13set_terminatePFvvE") {
    _ = unsafeBitCast(symbol, to: SetTerminate.self)({
      endSaying(
        "libtorch gave up; as a rule this process may use too little memory (see 'ulimit -a', or the container's limit)"
      )
    })
  }
}

/// Does only what is safe in a signal's handler.
private func endSaying(_ reason: StaticString) {
  for text: StaticString in ["Error: ", reason, "\n"] {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
  _exit(1)
}
