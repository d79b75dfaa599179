import Collectives
import Foundation
import Rewards
import Text
import Training

/// Has a policy answer prompts, and its answers rewarded.
public struct RewardedAnswers {
  private let sampler: AnswerSampler
  private let rewards: WeightedRewards?
  private let tokenizer: Tokenizer
  private let progress: (_ done: Int, _ total: Int) throws -> Void

  /// Answers and their rewards.
  /// - Parameters:
  ///   - rewards: what answers are worth; of several ranks the first alone has it, and tells the others.
  ///   - progress: called with the number of answers that are given; throws `RunInterruption` where the run is to stop.
  public init(
    _ sampler: AnswerSampler, _ rewards: WeightedRewards?, tokenizer: Tokenizer,
    progress: @escaping (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) {
    (self.sampler, self.rewards, self.tokenizer, self.progress) = (sampler, rewards, tokenizer, progress)
  }

  /// A rollout: the answers to some prompts with the weights as they are, and what they are worth.
  /// - Throws: `RewardError` where nothing can be said of any answer, or where a failure is to stop the run.
  public func rollout(of prompts: [Prompt], number: Int) throws -> Rollout {
    try rollout(of: prompts, number: number, progress: progress)
  }

  /// The same with a progress of its own.
  func rollout(
    of prompts: [Prompt], number: Int, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> Rollout {
    let start = ContinuousClock.now
    let answers = try sampler.answers(to: prompts.map(\.tokens), rollout: number, progress: progress)
    let texts = answers.map { $0.map { $0.text(tokenizer) } }
    let rewarded = prompts.indices.flatMap { group in
      zip(answers[group], texts[group]).map { answer, text in
        RewardedAnswer(
          prompt: prompts[group].messages, text: text, tokens: answer.tokens, hasEnded: answer.hasEnded,
          columns: prompts[group].columns)
      }
    }
    let answered = ContinuousClock.now
    let totals = try sampler.ranks.told(rewards?.rewards(for: rewarded))
    try sampler.ranks.interruptedTogether { try progress(rewarded.count, rewarded.count) }
    var sums = totals.sums[...]
    let groups = zip(prompts, answers).map { prompt, answers in
      defer { sums = sums.dropFirst(answers.count) }
      return AnsweredPrompt(prompt: prompt, answers: answers, rewards: Array(sums.prefix(answers.count)))
    }
    var rollout = Rollout(number: number, groups: groups, parts: totals.parts, texts: texts)
    rollout.answeringTime = (answered - start) / .seconds(1)
    rollout.rewardingTime = (ContinuousClock.now - answered) / .seconds(1)
    return rollout
  }
}

extension Communicator {
  /// What the first rank knows of answers, on all ranks.
  fileprivate func told(_ totals: WeightedRewards.Totals?) throws -> WeightedRewards.Totals {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let bytes = try count > 1 ? broadcast(totals.map { try [UInt8](encoder.encode(ToldTotals($0))) } ?? []) : []
    return try totals ?? PropertyListDecoder().decode(ToldTotals.self, from: Data(bytes)).totals
  }
}

/// The worth of answers on its way from one rank to another.
private struct ToldTotals: Codable {
  struct Outcome: Codable {
    var reward: Double?
    var failure: String?
  }
  /// One or no number each: a property list has no null.
  let sums: [[Double]]
  let names: [String]
  let outcomes: [[Outcome]]

  init(_ totals: WeightedRewards.Totals) {
    sums = totals.sums.map { $0.map { [$0] } ?? [] }
    names = totals.parts.map(\.name)
    outcomes = totals.parts.map {
      $0.outcomes.map { outcome in
        switch outcome {
        case .reward(let value): Outcome(reward: value)
        case .failed(let reason): Outcome(failure: reason)
        case .notMine: Outcome()
        }
      }
    }
  }

  var totals: WeightedRewards.Totals {
    WeightedRewards.Totals(
      sums: sums.map(\.first),
      parts: zip(names, outcomes).map { name, outcomes in
        RewardSummary(
          name: name,
          outcomes: outcomes.map { $0.reward.map { .reward($0) } ?? $0.failure.map { .failed($0) } ?? .notMine })
      })
  }
}
