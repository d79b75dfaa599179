/// The judging of one request: counts what is refused, and tells a client nothing but that.
struct Moderation: Sendable {
  let moderator: any Moderator
  let record: RequestRecord

  /// The verdicts on texts, on threads apart.
  /// - Throws: `APIError` where a text could not be judged.
  func verdicts(on texts: [String]) async throws -> [ModerationVerdict] {
    guard !texts.isEmpty else { return [] }
    let task = Task(executorPreference: ReadingThreads.shared) { try await moderator.verdicts(on: texts) }
    do {
      let verdicts = try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
      guard verdicts.count == texts.count else { throw ModerationError("the moderation gave too few verdicts") }
      return verdicts
    } catch {
      try Task.checkCancellation()
      record.note { $0.failedModerations += 1 }
      throw APIError(
        status: .serviceUnavailable,
        message: "\("\(error)".cut(to: 200)); what is not judged is not shown; try again later",
        code: "moderation_unavailable", retryAfter: 2)
    }
  }

  /// Whether any of the texts is refused; blank ones say nothing.
  func refuses(_ texts: [String]) async throws -> Bool {
    let texts = texts.filter { $0.unicodeScalars.contains { !$0.properties.isWhitespace } }
    return try await verdicts(on: texts).contains(where: \.isFlagged)
  }

  /// What is shown in the place of an answer to a refused prompt.
  static let refusedPrompt = GeneratedPiece(
    text: "This prompt was refused by the server's moderation.", finish: .contentFilter)
}
