import Foundation

/// What passes between an engine's callers and its thread.
final class EngineInbox: @unchecked Sendable {
  /// A request on its way to the thread.
  struct Entry {
    let number: Int
    let request: GenerationRequest
    let continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  }

  /// What happened since the thread looked last.
  struct News {
    var added: [Entry] = []
    var cancelled: [Int] = []
    var isClosed = false
    /// Whether requests came or went.
    var isNews: Bool { !added.isEmpty || !cancelled.isEmpty }
  }

  // All of it is guarded by the lock.
  private let lock = NSLock()
  private let maximumWaiting: Int
  private var news = News()
  private var count = 0
  private var current = GenerationEngine.Load()

  init(maximumWaiting: Int) { self.maximumWaiting = maximumWaiting }

  /// Leaves a request for the thread; returns its number.
  func add(
    _ request: GenerationRequest, _ continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  ) throws(EngineBusy) -> Int {
    defer { ComputeThread.shared.wake() }
    lock.lock()
    defer { lock.unlock() }
    let waiting = current.waiting + news.added.count
    guard waiting < maximumWaiting else { throw EngineBusy(waiting: waiting) }
    count += 1
    news.added.append(Entry(number: count, request: request, continuation: continuation))
    return count
  }

  /// Nobody listens to a request any more.
  func cancel(_ number: Int) {
    defer { ComputeThread.shared.wake() }
    lock.lock()
    defer { lock.unlock() }
    news.cancelled.append(number)
  }

  /// The engine has gone.
  func close() {
    defer { ComputeThread.shared.wake() }
    lock.lock()
    defer { lock.unlock() }
    news.isClosed = true
  }

  /// What is new.
  func take() -> News {
    lock.lock()
    defer { lock.unlock() }
    defer { news = News(isClosed: news.isClosed) }
    return news
  }

  var load: GenerationEngine.Load {
    lock.lock()
    defer { lock.unlock() }
    var load = current
    load.waiting += news.added.count
    return load
  }

  func update(_ change: (inout GenerationEngine.Load) -> Void) {
    lock.lock()
    defer { lock.unlock() }
    change(&current)
  }
}
