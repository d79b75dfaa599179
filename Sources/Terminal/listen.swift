import Foundation

/// Has a function called at each of these signals from now on, for the whole process.
///
/// The function may do only what a signal handler may: atomics, `write`, `_exit`. It may not be the first to touch a global,
/// whose initialization could allocate.
package func listen(to signals: [Int32], _ handler: @escaping @convention(c) (Int32) -> Void) {
  var action = sigaction()
  #if os(Linux)
    action.__sigaction_handler.sa_handler = handler
  #else
    action.__sigaction_u.__sa_handler = handler
  #endif
  // Reads and writes that a signal interrupts go on.
  action.sa_flags = SA_RESTART
  // A second signal waits until the handler of the first has returned.
  for signal in signals { sigaddset(&action.sa_mask, signal) }
  for signal in signals { sigaction(signal, &action, nil) }
  // A parent that blocks signals, as job runners do in their threads, passes that on to its children.
  pthread_sigmask(SIG_UNBLOCK, &action.sa_mask, nil)
}

/// Whether the process ignores a signal, as where its parent did.
func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  sigaction(signal, nil, &action)
  #if os(Linux)
    let handler = action.__sigaction_handler.sa_handler
  #else
    let handler = action.__sigaction_u.__sa_handler
  #endif
  // Functions cannot be compared, but for their addresses.
  return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
