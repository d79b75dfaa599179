import JSON
import Objectives
import Rewards
import Training

/// Prompts that are never trained on: the policy answers each once, and what its answers are worth is measured.
public struct HeldOutPrompts: HeldOut {
  private let prompts: [Prompt]
  private let answering: RewardedAnswers
  private let batchSize: Int

  /// Held-out prompts.
  /// - Parameters:
  ///   - answering: how they are answered; with the same seeds each time, so that only the weights make a difference.
  ///   - batchSize: how many are answered at once.
  public init(_ prompts: [Prompt], answering: RewardedAnswers, batchSize: Int = 64) {
    (self.prompts, self.answering, self.batchSize) = (prompts, answering, batchSize)
  }

  /// The number of prompts.
  public var count: Int { prompts.count }

  /// What is learned shows beside what was there.
  public var isMeasuredFirst: Bool { true }

  /// The figures of all answers; see `Rollout.figures`.
  public func measure(
    towards objective: any Objective, isLast: Bool, progress: (Int) throws -> Void
  ) throws -> Measurement {
    var (groups, outcomes, texts): ([AnsweredPrompt], [[RewardOutcome]], [[String]]) = ([], [], [])
    var names: [String] = []
    for start in stride(from: 0, to: prompts.count, by: batchSize) {
      let part = try answering.rollout(
        of: Array(prompts[start..<min(start + batchSize, prompts.count)]), number: start
      ) { done, _ in try progress(start + done) }
      groups += part.groups
      texts += part.texts
      names = part.parts.map(\.name)
      outcomes = outcomes.isEmpty ? part.parts.map(\.outcomes) : zip(outcomes, part.parts).map { $0 + $1.outcomes }
    }
    let parts = zip(names, outcomes).map { RewardSummary(name: $0, outcomes: $1) }
    let all = Rollout(number: 0, groups: groups, parts: parts, texts: texts)
    let metrics = all.figures.filter { !$0.key.hasPrefix("time/") }
    return Measurement(
      metrics: TextKeyed(metrics.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }), samples: all.samples())
  }
}
