import Rewards

/// A judge that gives answers numbers: a program, a service or a rule, as those that rewards are named by.
public struct RewardJudge: Judge {
  /// How results name it.
  public let name: String
  /// The same: whoever changes the program behind a name should change the name.
  public var identity: String { name }
  private let reward: any Reward

  /// A reward as a judge.
  public init(_ reward: any Reward, name: String) { (self.reward, self.name) = (reward, name) }

  /// Asks it, some answers at a time.
  public func ask(_ questions: [JudgeQuestion], _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void) throws {
    for start in stride(from: 0, to: questions.count, by: 64) {
      let places = start..<min(start + 64, questions.count)
      let answers = places.compactMap { place -> (place: Int, answer: RewardedAnswer)? in
        guard case .reward(let text, let prompt) = questions[place] else { return nil }
        return (place, RewardedAnswer(prompt: prompt, text: text))
      }
      for place in places where !answers.contains(where: { $0.place == place }) {
        try take(place, .failure(JudgeFailure("\(name) gives answers numbers, and nothing else")))
      }
      for ((place, _), outcome) in zip(answers, try reward.rewards(for: answers.map(\.answer))) {
        let result: Result<JudgeReply, JudgeFailure> =
          switch outcome {
          case .reward(let number): .success(JudgeReply("", reward: number))
          case .failed(let reason): .failure(JudgeFailure(reason))
          case .notMine: .failure(JudgeFailure("\(name) has nothing to say of an answer"))
          }
        try take(place, result)
      }
    }
  }
}
