import Hummingbird
import NIOCore

extension ModelServer {
  /// What `work` makes of a request, on threads apart. Work that asks whether its task is cancelled ends with its client, and
  /// with the time that an answer may take.
  func read<Result: Sendable>(
    for context: ServingContext, _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task(executorPreference: ReadingThreads.shared) {
      try Task.checkCancellation()
      return try await work()
    }
    let end = context.channel.eventLoop.scheduleTask(in: TimeAmount(settings.answerTime)) { task.cancel() }
    context.channel.closeFuture.whenComplete { _ in task.cancel() }
    defer { end.cancel() }
    do { return try await task.value } catch  where task.isCancelled {
      if context.channel.isActive { throw APIError.late(settings.answerTime) }
      throw CancellationError()
    }
  }
}
