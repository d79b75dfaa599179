import NIOCore

/// Runs the answers of one request: admits them, bounds their time, and stops them when nobody waits any more.
struct Generator: Sendable {
  /// An answer to be generated.
  struct Job: Sendable {
    let prompt: [Int32]
    var options: AnswerOptions
    /// The functions that it may call; nil where none may.
    var tools: Set<String>?
    /// Which of the request's prompts it answers.
    var promptIndex = 0
    /// Whether moderation refused the prompt.
    var isRefused = false
    /// The text that the answer goes on from, which is judged with it.
    var continued = ""
  }

  /// A piece of the answer `index`.
  struct Piece: Sendable {
    let index: Int
    let piece: GeneratedPiece
  }

  let admission: Admission
  let time: Duration
  /// What judges answers before they are given out; nil gives them out as they come.
  var moderation: Moderation?
  /// Whether answers are given out as they come, rather than as a whole.
  var isStreamed = true

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
          try await generate(job, on: model) { continuation.yield(Piece(index: index, piece: $0)) }
          // A cancelled stream ends like a whole one.
          try Task.checkCancellation()
        }
      }
      for try await _ in group {}
    }
  }

  private func generate(_ job: Job, on model: any ServedModel, yield: (GeneratedPiece) -> Void) async throws {
    guard !job.isRefused else { return yield(Moderation.refusedPrompt) }
    var reader = job.tools.map(ToolCallReader.init)
    var held = HeldAnswer(
      isStreamed: isStreamed, holdsTokens: job.tools != nil && job.options.alternatives != nil, continued: job.continued
    )
    var isBegun = false
    for try await var piece in try model.generate(job.prompt, job.options) {
      reader?.read(&piece)
      // The prompt has been judged.
      guard let moderation, piece.promptTokens.isEmpty else {
        isBegun = isBegun || !piece.text.isEmpty
        yield(piece)
        continue
      }
      guard let part = held.take(piece) else { continue }
      guard try await !moderation.refuses(held.texts(with: part)) else {
        moderation.record.note { $0.refusedAnswers += 1 }
        // Leaving ends the generation.
        return yield(held.refusal(of: part, follows: isBegun))
      }
      isBegun = true
      yield(part)
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
