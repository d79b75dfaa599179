import JSON
import Rewards

/// A prompt with the answers of a rollout, and what they are worth.
public struct AnsweredPrompt: Sendable {
  /// The prompt.
  public let prompt: Prompt
  /// The answers.
  public let answers: [SampledAnswer]
  /// What each is worth; nil where no reward says anything of it.
  public let rewards: [Double?]

  /// An answered prompt.
  public init(prompt: Prompt, answers: [SampledAnswer], rewards: [Double?]) {
    (self.prompt, self.answers, self.rewards) = (prompt, answers, rewards)
  }
}
