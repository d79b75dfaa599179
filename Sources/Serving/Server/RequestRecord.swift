import Synchronization

/// What a request's line in the log says, noted while it is answered.
final class RequestRecord: Sendable {
  struct Notes {
    var model: String?
    var promptTokens = 0
    var completionTokens = 0
    var finishes: [String] = []
    var firstToken: ContinuousClock.Instant?
    var error: String?
    var warnings: [String] = []
    /// What moderation refused, and how often it could not judge.
    var refusedPrompts = 0
    var refusedAnswers = 0
    var failedModerations = 0
    /// Answers that were scored.
    var scores = 0
    /// Set where texts are logged.
    var prompt: String?
    var answers: [String] = []

    /// The counts of moderation by their names in the log and in metrics.
    var moderation: [(name: String, count: Int)] {
      [
        ("refused_prompts", refusedPrompts), ("refused_answers", refusedAnswers),
        ("failed_moderations", failedModerations),
      ]
    }
  }

  let start = ContinuousClock.now
  private let notes = Mutex(Notes())

  /// The notes so far.
  var current: Notes { notes.withLock(\.self) }

  /// Notes a piece of an answer.
  func note(_ piece: GeneratedPiece) {
    note { notes in
      notes.completionTokens += piece.tokens.count
      if notes.firstToken == nil { notes.firstToken = .now }
    }
  }

  /// Notes how answers ended, and their texts where these are logged.
  func note(_ answers: [GeneratedPiece], texts: Bool) {
    note { notes in
      notes.finishes = answers.compactMap { $0.finish?.rawValue }
      if texts { notes.answers = answers.map(\.text) }
    }
  }

  func note(_ change: (inout Notes) -> Void) { notes.withLock { change(&$0) } }
}
