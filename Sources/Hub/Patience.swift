/// How patient a transfer is.
package struct Patience: Sendable {
  /// How often something may fail in a row.
  package var attempts = 5
  /// The wait after the first failure; each further one doubles it.
  package var firstWait = Duration.seconds(1)
  /// The longest wait that a server may ask for.
  package var longestWait = Duration.seconds(300)
  /// How long a server may be silent.
  package var silence = Duration.seconds(30)
  /// How long a server may be silent while it puts together what was sent.
  package var work = Duration.seconds(300)

  package init() {}
}

/// The failures of one transfer in a row.
struct Retries {
  private let patience: Patience
  private var failures = 0

  init(_ patience: Patience) { self.patience = patience }

  /// Forgets failures, since there was progress.
  mutating func reset() { failures = 0 }

  /// How long to wait before another attempt.
  /// - Throws: `HubError` where there is to be none.
  mutating func wait(after reason: String, asked: Duration?, subject: String, isUnreachable: Bool) throws(HubError)
    -> Duration
  {
    failures += 1
    if let asked, asked > patience.longestWait {
      throw HubError("\(subject): \(reason), and asks to wait \(asked.components.seconds) seconds; try again then")
    }
    guard failures < patience.attempts else {
      let again = failures > 1 ? ", \(failures) times" : ""
      throw HubError("\(subject): \(reason)\(again); try again later", isUnreachable: isUnreachable)
    }
    // Spread, so that clients that failed together do not come back together.
    let own = patience.firstWait * Double(1 << min(failures - 1, 5)) * Double.random(in: 0.8...1.2)
    return max(own, asked ?? .zero)
  }

  /// How long to wait before another attempt, after a failure that says how long a server wants to be left.
  /// - Throws: `HubError` where there is to be none.
  mutating func wait(after failure: TransferFailure, subject: String, isUnreachable: Bool) throws(HubError) -> Duration
  {
    if case .interrupted(let reason, let asked) = failure {
      return try wait(after: reason, asked: asked, subject: subject, isUnreachable: isUnreachable)
    }
    return try wait(after: failure.reason, asked: nil, subject: subject, isUnreachable: isUnreachable)
  }
}
