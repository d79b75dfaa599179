/// What an engine does on the thread that computes: takes requests in, steps, and passes on what comes of it.
///
/// Whoever is told of a part is woken for it, on one of the cores that compute. So the parts of one answer are at least
/// `pause` apart: what comes sooner, from models that make hundreds of tokens a second, is passed on together.
final class EngineLoop: @unchecked Sendable {
  /// Shorter than a person or a picture notices.
  private static let pause = Duration.milliseconds(10)

  // Only that thread touches these.
  private let batch: AnswerBatch
  private let inbox: EngineInbox
  private var listeners: [ContinuousBatch.ID: Listener] = [:]

  private struct Listener {
    let number: Int
    let continuation: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
    /// What has come since it was told something, nil for nothing.
    var held: GenerationEvent?
    /// From when on it is told again.
    var due = ContinuousClock.now

    /// Tells it what is held.
    mutating func tell() {
      guard let part = held else { return }
      continuation.yield(part)
      held = nil
      due = .now + EngineLoop.pause
    }
  }

  init(batch: AnswerBatch, inbox: EngineInbox) {
    self.batch = batch
    self.inbox = inbox
  }

  /// Whether there is no answer to go on with.
  var isIdle: Bool { batch.isIdle }

  /// Takes in what is new, and takes a step where there is something to do.
  /// - Returns: false once the engine has gone.
  func turn() -> Bool {
    let news = inbox.take()
    for entry in news.added { add(entry) }
    for number in news.cancelled { cancel(number) }
    guard !news.isClosed else {
      failAll(CancellationError())
      return false
    }
    // Before the step too, so that those who ask while it runs know what it holds.
    if news.isNews { report() }
    // The next step may read a long prompt.
    if !news.added.isEmpty { tellAll(at: nil) }
    guard !batch.isIdle else { return true }
    do {
      let events = try batch.step()
      // Before they are told, so that whoever hears of an end finds its place free.
      report()
      for (id, event) in events { pass(event, to: id) }
      tellAll(at: .now)
    } catch {
      failAll(error)
      report()
    }
    return true
  }

  private func add(_ entry: EngineInbox.Entry) {
    do {
      let id = try batch.add(entry.request)
      listeners[id] = Listener(number: entry.number, continuation: entry.continuation)
    } catch {
      entry.continuation.finish(throwing: error)
    }
  }

  private func cancel(_ number: Int) {
    guard let (id, _) = listeners.first(where: { $0.value.number == number }) else { return }
    listeners[id] = nil
    batch.cancel(id)
  }

  private func pass(_ event: GenerationEvent, to id: ContinuousBatch.ID) {
    if case .part(let text, let tokens) = event, case .part(let heldText, let heldTokens) = listeners[id]?.held {
      listeners[id]?.held = .part(text: heldText + text, tokens: heldTokens + tokens)
      return
    }
    listeners[id]?.tell()
    listeners[id]?.held = event
    guard case .finished(let end) = event else { return }
    listeners[id]?.tell()
    inbox.update {
      $0.promptTokens += end.promptTokens
      $0.answerTokens += end.answerTokens
    }
    listeners.removeValue(forKey: id)?.continuation.finish()
  }

  /// Tells all listeners whose time has come, without a time all.
  private func tellAll(at time: ContinuousClock.Instant?) {
    for id in Array(listeners.keys) {
      guard let listener = listeners[id], listener.held != nil, time.map({ $0 >= listener.due }) ?? true else {
        continue
      }
      listeners[id]?.tell()
    }
  }

  private func failAll(_ error: any Error) {
    batch.cancelAll()
    tellAll(at: nil)
    for listener in listeners.values { listener.continuation.finish(throwing: error) }
    listeners = [:]
  }

  private func report() {
    inbox.update {
      $0.running = batch.batch.runningCount
      $0.waiting = batch.batch.waitingCount
      $0.reservedTokens = batch.batch.reservedTokens
    }
  }
}
