import Foundation

/// Does some work on a thread of its own, which is to be joined or detached; nil where the system has no more threads to give.
package func startThread(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
  let context = Unmanaged.passRetained(Work(work: work))
  #if canImport(Darwin)
    var thread: pthread_t?
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
  #else
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().work() }
        return nil
      }, context.toOpaque())
  #endif
  guard status == 0 else {
    context.release()
    return nil
  }
  return thread
}

/// Work on its way to its thread.
private final class Work: Sendable {
  let work: @Sendable () -> Void
  init(work: @escaping @Sendable () -> Void) { self.work = work }
}
