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
    /// Set where texts are logged.
    var prompt: String?
    var answers: [String] = []
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
