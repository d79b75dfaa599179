import JSON
import Serving
import Synchronization

/// A judge that refuses texts with the word "bad", fails on "fail", and remembers what it was shown.
final class ScriptedModerator: Moderator {
  let name = "judge"
  private let pause: Duration
  private let extra: Int
  private let seen = Mutex<[[String]]>([])

  /// - Parameters:
  ///   - pause: how long each verdict takes.
  ///   - extra: how many verdicts too many it gives, or too few.
  init(pause: Duration = .zero, extra: Int = 0) { (self.pause, self.extra) = (pause, extra) }

  /// The texts of all requests.
  var texts: [[String]] { seen.withLock(\.self) }

  func verdicts(on texts: [String]) async throws -> [ModerationVerdict] {
    seen.withLock { $0.append(texts) }
    try await Task.sleep(for: pause)
    guard !texts.contains(where: { $0.contains("fail") }) else { throw ModerationError("the judge is out") }
    return (0..<max(0, texts.count + extra)).map { index in
      let isBad = index < texts.count && texts[index].contains("bad")
      return ModerationVerdict(
        isFlagged: isBad, categories: [.init(name: "badness", isFlagged: isBad, score: isBad ? 0.9 : 0.1)])
    }
  }
}
