import Parallel

extension AnswerReward {
  /// What each answer is worth.
  public func rewards(for answers: [RewardedAnswer]) -> [RewardOutcome] {
    answers.concurrentMap { answer in
      do throws(RewardError) {
        guard let value = try reward(for: answer) else { return .notMine }
        return .reward(value)
      } catch {
        return .failed(error.description)
      }
    }
  }
}
