import Inference
import Rewards
import Rollouts
import Serving

/// A reward model as the server sees it: it computes on the thread of the engines, between their steps.
struct ServedRewardModel: ServedReward {
  let model: ModelReward

  var name: String { model.name }

  func rewards(for answers: [RewardedAnswer]) async throws -> [RewardOutcome] {
    var outcomes: [RewardOutcome] = []
    // A few at a time, so that answers go on meanwhile.
    for start in stride(from: 0, to: answers.count, by: 4) {
      try Task.checkCancellation()
      let part = Array(answers[start..<min(start + 4, answers.count)])
      outcomes += try await ComputeThread.shared.run { [model] in try model.rewards(for: part) }
    }
    return outcomes
  }
}
