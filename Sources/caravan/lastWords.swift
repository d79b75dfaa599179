import Foundation

/// Says why the program ends where nothing can be caught: by a signal, or by an exception that libtorch lets through.
func explainSuddenEnds() {
  // Weights are mapped into memory. Reading them where another program shortened their file, or where the disk fails, ends in a signal.
  signal(SIGBUS) { _ in
    endSaying("a file became shorter or unreadable while it was being read; do not change a model while it is in use")
  }
  // Under a limit, whoever asks for memory and gets none breaks off, in libraries of all kinds.
  if hasMemoryLimit {
    for number in [SIGABRT, SIGSEGV, SIGILL] {
      signal(number) { _ in endSaying("caravan stopped, probably because its memory limit is too low (see 'ulimit -v')")
      }
    }
  }
  // libtorch is C++: while it loads, and on its own threads, what it throws for want of memory reaches nobody.
  typealias SetTerminate = @convention(c) (@convention(c) () -> Void) -> UnsafeMutableRawPointer?
  if let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "_ZSt13set_terminatePFvvE") {
    _ = unsafeBitCast(symbol, to: SetTerminate.self)({
      endSaying(
        "libtorch failed, probably because this process may use too little memory (see 'ulimit -a', or the container's limit)"
      )
    })
  }
}

/// Whether the process may only use so much memory, as after `ulimit -v`.
private var hasMemoryLimit: Bool {
  var limit = rlimit()
  #if os(Linux)
    let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  #else
    let status = getrlimit(RLIMIT_AS, &limit)
  #endif
  // What stands for no limit is not the same number everywhere, but larger than any.
  return status == 0 && limit.rlim_cur < 1 << 62
}

/// Does only what is safe in a signal's handler: nothing that may allocate or take a lock, as a list would.
private func endSaying(_ reason: StaticString) {
  writeToStandardError("Error: ")
  writeToStandardError(reason)
  writeToStandardError("\n")
  _exit(1)
}

private func writeToStandardError(_ text: StaticString) {
  _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}
