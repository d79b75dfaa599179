import NIOCore

/// Runs the answers of one request: admits them, bounds their time, and stops them when nobody waits any more.
struct Generator: Sendable {
  /// An answer to be generated.
  struct Job: Sendable {
    let prompt: [Int32]
    var options: AnswerOptions
    /// The functions that it may call; nil where none may.
    var tools: Set<String>?
  }

  /// A piece of the answer `index`.
  struct Piece: Sendable {
    let index: Int
    let piece: GeneratedPiece
  }

  let admission: Admission
  let time: Duration

  /// The pieces of all answers as they come. They go on being generated whether or not they are read at once, so that
  /// a slow client holds up nobody; dropping the stream or losing the connection stops them.
  /// - Throws: `APIError` where there is no room; later, where the time is up.
  func run(_ jobs: [Job], on model: any ServedModel, for channel: any Channel) throws(APIError) -> AsyncThrowingStream<
    Piece, any Error
  > {
    try admission.enter(jobs.count)
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: Piece.self)
    let task = Task {
      // Before the end is told: whoever has read it finds room again.
      var failure: (any Error)?
      do { try await withDeadline { try await generate(jobs, on: model, to: continuation) } } catch { failure = error }
      admission.leave(jobs.count)
      continuation.finish(throwing: failure)
    }
    continuation.onTermination = { if case .cancelled = $0 { task.cancel() } }
    channel.closeFuture.whenComplete { _ in task.cancel() }
    return stream
  }

  private func generate(
    _ jobs: [Job], on model: any ServedModel, to continuation: AsyncThrowingStream<Piece, any Error>.Continuation
  ) async throws {
    try await withThrowingTaskGroup { group in
      for (index, job) in jobs.enumerated() {
        group.addTask {
          var reader = job.tools.map(ToolCallReader.init)
          for try await var piece in model.generate(job.prompt, job.options) {
            reader?.read(&piece)
            continuation.yield(Piece(index: index, piece: piece))
          }
          // A cancelled stream ends like a whole one.
          try Task.checkCancellation()
        }
      }
      for try await _ in group {}
    }
  }

  private func withDeadline(_ work: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
      group.addTask(operation: work)
      group.addTask {
        try await Task.sleep(for: time)
        throw APIError.late(time)
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
