import Foundation

/// The one thread on which a process with engines computes: models are loaded there, and all engines take their steps there in
/// turn.
///
/// libtorch's threads form a team for each thread that computes. Two teams are more threads than cores, and OpenMP then puts
/// threads to sleep at each step that one team would have kept awake.
public final class ComputeThread: @unchecked Sendable {
  /// The process's.
  public static let shared = ComputeThread()

  // Guarded by the condition.
  private let condition = NSCondition()
  private var jobs: [() -> Void] = []
  private var isAwaited = false
  private var joining: [EngineLoop] = []

  private init() {
    let thread = Thread { [unowned self] in run() }
    thread.name = "compute"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Does a piece of work on the thread, between the engines' steps, and waits for it.
  public func perform<Value>(_ work: sending @escaping () throws -> sending Value) throws -> sending Value {
    nonisolated(unsafe) var result: Result<Value, any Error>?
    let isDone = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let work = work
    wake { thread in
      thread.jobs.append {
        result = Result { try work() }
        isDone.signal()
      }
    }
    isDone.wait()
    guard let result else { throw CancellationError() }
    nonisolated(unsafe) let value = try result.get()
    return value
  }

  /// Does a piece of work on the thread, between the engines' steps; whoever waits for it holds no thread.
  public func run<Value: Sendable>(_ work: @Sendable @escaping () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      wake { $0.jobs.append { continuation.resume(with: Result { try work() }) } }
    }
  }

  /// Lets an engine take its steps on the thread until it closes.
  func join(_ loop: EngineLoop) { wake { $0.joining.append(loop) } }

  /// Says that there is something new for an engine.
  func wake() { wake { _ in } }

  private func wake(_ change: (ComputeThread) -> Void) {
    condition.lock()
    change(self)
    isAwaited = true
    condition.signal()
    condition.unlock()
  }

  private func run() {
    var loops: [EngineLoop] = []
    while true {
      let jobs = news(waiting: loops.allSatisfy(\.isIdle), joining: &loops)
      for job in jobs { job() }
      loops.removeAll { !$0.turn() }
    }
  }

  private func news(waiting: Bool, joining loops: inout [EngineLoop]) -> [() -> Void] {
    condition.lock()
    defer { condition.unlock() }
    while waiting, !isAwaited { condition.wait() }
    isAwaited = false
    loops += joining
    joining = []
    defer { jobs = [] }
    return jobs
  }
}
