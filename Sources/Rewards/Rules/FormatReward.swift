/// Whether an answer thinks first and then answers: `<think>…</think>` at its beginning, once, and after it whatever
/// follows: 1 or 0.
///
/// That is the format of DeepSeek-R1 (2025, arXiv 2501.12948) as TRL's `think_format_reward` checks it.
public struct FormatReward: AnswerReward {
  /// The name in metrics.
  public let name = "format"

  /// The reward.
  public init() {}

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) -> Double? {
    guard PythonText.hasPrefix(answer.text, "<think>") else { return 0 }
    let rest = PythonText.removingPrefix(answer.text, "<think>")
    return PythonText.contains(rest, "</think>") && !PythonText.contains(rest, "<think>") ? 1 : 0
  }
}
