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
  }

  // All of it is guarded by the condition.
  private let condition = NSCondition()
  private let maximumWaiting: Int
  private var news = News()
  private var count = 0
  private var current = GenerationEngine.Load()

  init(maximumWaiting: Int) { self.maximumWaiting = maximumWaiting }

  /// Leaves a request for the thread; returns its number.
  func add(
    _ request: GenerationRequest, _ continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
  ) throws(EngineBusy) -> Int {
    condition.lock()
    defer { condition.unlock() }
    let waiting = current.waiting + news.added.count
    guard waiting < maximumWaiting else { throw EngineBusy(waiting: waiting) }
    count += 1
    news.added.append(Entry(number: count, request: request, continuation: continuation))
    condition.signal()
    return count
  }

  /// Nobody listens to a request any more.
  func cancel(_ number: Int) {
    condition.lock()
    defer { condition.unlock() }
    news.cancelled.append(number)
    condition.signal()
  }

  /// The engine has gone.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    news.isClosed = true
    condition.signal()
  }

  /// What is new; waits until there is something where `waiting`.
  func take(waiting: Bool) -> News {
    condition.lock()
    defer { condition.unlock() }
    while waiting, news.added.isEmpty, news.cancelled.isEmpty, !news.isClosed { condition.wait() }
    defer { news = News(isClosed: news.isClosed) }
    return news
  }

  var load: GenerationEngine.Load {
    condition.lock()
    defer { condition.unlock() }
    var load = current
    load.waiting += news.added.count
    return load
  }

  func update(_ change: (inout GenerationEngine.Load) -> Void) {
    condition.lock()
    defer { condition.unlock() }
    change(&current)
  }
}
