import Rewards
import Text
import Training

/// Has a policy answer prompts, and its answers rewarded.
public struct RewardedAnswers {
  private let sampler: AnswerSampler
  private let rewards: WeightedRewards
  private let tokenizer: Tokenizer
  private let progress: (_ done: Int, _ total: Int) throws -> Void

  /// Answers and their rewards.
  /// - Parameter progress: called with the number of answers that are given; throws `BatchInterruption` where the run is to stop.
  public init(
    _ sampler: AnswerSampler, _ rewards: WeightedRewards, tokenizer: Tokenizer,
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
    let totals = try rewards.rewards(for: rewarded)
    try progress(rewarded.count, rewarded.count)
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
