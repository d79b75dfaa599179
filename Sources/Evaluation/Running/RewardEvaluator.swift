import Hashing
import JSON
import Rewards
import Text

/// Asks a reward model, or another reward, what answers are worth, and scores what it says.
public final class RewardEvaluator {
  /// What happened with a task's items.
  public struct Counts: Sendable, Equatable {
    /// Items whose rewards were known.
    public var known = 0
    /// Items that an answer without a reward belongs to.
    public var failed = 0
    /// Why the first of these has none.
    public var firstFailure: String?
  }

  private let reward: any Reward
  private let identity: String
  private let cache: AnswerCache
  /// What happened so far.
  public private(set) var counts = Counts()

  /// - Parameters:
  ///   - identity: what tells the reward model from all others, its fingerprint; rewards are kept under it.
  ///   - cache: where rewards are kept; by default in memory only.
  public init(_ reward: any Reward, identity: String, cache: AnswerCache = AnswerCache()) {
    (self.reward, self.identity, self.cache) = (reward, identity, cache)
  }

  /// Has answers rewarded, and scores items.
  /// - Parameter progress: is told how many of the items are rewarded; it may throw to stop, and what is known is kept.
  /// - Throws: `EvaluationError` for items that ask for something else; errors of the reward and of the task's scores.
  public func run(
    _ task: any EvaluationTask, _ items: [EvaluationItem], progress: (Int) throws -> Void = { _ in }
  ) throws -> [ScoredItem] {
    counts = Counts()
    let questions = try items.map { try answers(of: $0, of: task) }
    let keys = zip(items, questions).map(key)
    counts.known = keys.count { cache[$0] != nil }
    var found: [Int: ModelAnswer] = [:]
    let open = items.indices.filter { cache[keys[$0]] == nil }
    try progress(counts.known)
    for start in stride(from: 0, to: open.count, by: 32) {
      let part = open[start..<min(start + 32, open.count)]
      var outcomes = try reward.rewards(for: part.flatMap { questions[$0] })[...]
      for place in part {
        let own = outcomes.prefix(questions[place].count)
        outcomes = outcomes.dropFirst(own.count)
        let answer = ModelAnswer.rewards(own.map(\.value))
        found[place] = answer
        guard let failure = own.first(where: { $0.value == nil }) else {
          try cache.keep(answer, for: keys[place])
          continue
        }
        // Nothing is kept, so that it is asked again.
        counts.failed += 1
        if counts.firstFailure == nil { counts.firstFailure = Self.reason(failure) }
      }
      try progress(counts.known + start + part.count)
    }
    return try items.indices.map { place in
      let answer = found[place] ?? cache[keys[place]] ?? .rewards([])
      let scores = try task.scores(of: answer, to: items[place])
      return ScoredItem(
        number: place, item: items[place], prompt: items[place].prompt.question, answer: answer, scores: scores)
    }
  }

  private func answers(of item: EvaluationItem, of task: any EvaluationTask) throws(EvaluationError) -> [RewardedAnswer]
  {
    guard case .rewards(let answers) = item.request else {
      throw EvaluationError("\(task.name) asks for answers, which a reward model does not give; name a language model")
    }
    let prompt = [Message(role: "user", content: item.prompt.question)]
    return answers.map { RewardedAnswer(prompt: prompt, text: $0, columns: item.document) }
  }

  private func key(_ item: EvaluationItem, _ answers: [RewardedAnswer]) -> String {
    let all: JSON = [
      "reward": .string(identity), "prompt": .string(item.prompt.question),
      "answers": .array(answers.map { .string($0.text) }), "record": item.document,
    ]
    return Digest.sha256(all.text.utf8).hexadecimal
  }

  private static func reason(_ outcome: RewardOutcome) -> String {
    if case .failed(let reason) = outcome { reason } else { "the reward has nothing to say" }
  }
}
