import Inference
import JSON
import Rewards
import Text

/// Of several answers to each prompt writes the one with the highest reward, in the order of the prompts.
struct BestAnswers {
  private struct Answer {
    var text = ""
    var tokens: [Int32] = []
    var end: GenerationEnd?
  }

  private let prompts: [AnswerWriter.Prompt]
  private let count: Int
  private let reward: any Rewards.Reward
  private let asJSON: Bool
  private var answers: [[Answer]]
  /// The prompt whose turn it is.
  private var current = 0

  /// - Parameter count: the answers to each prompt.
  init(prompts: [AnswerWriter.Prompt], count: Int, reward: any Rewards.Reward, asJSON: Bool) {
    (self.prompts, self.count, self.reward, self.asJSON) = (prompts, count, reward, asJSON)
    answers = prompts.map { _ in Array(repeating: Answer(), count: count) }
  }

  /// Takes what came of an answer; writes what can be written.
  mutating func take(_ event: GenerationEvent, at place: Int) throws {
    let (prompt, index) = place.quotientAndRemainder(dividingBy: count)
    switch event {
    case .part(let text, let tokens):
      answers[prompt][index].text += text
      answers[prompt][index].tokens += tokens.map(\.id)
    case .prompt: break
    case .finished(let end):
      answers[prompt][index].end = end
      if case .stopToken(let token) = end.reason { answers[prompt][index].tokens.append(token.id) }
    }
    while current < prompts.count, answers[current].allSatisfy({ $0.end != nil }) {
      try write(answers[current], to: prompts[current])
      answers[current] = []
      current += 1
    }
  }

  private func write(_ answers: [Answer], to prompt: AnswerWriter.Prompt) throws {
    let outcomes = try reward.rewards(
      for: answers.map {
        RewardedAnswer(
          prompt: prompt.messages, text: $0.text, tokens: $0.tokens, hasEnded: $0.end?.reason != .length,
          columns: prompt.columns)
      })
    if let reason = outcomes.compactMap(\.whyNot).first {
      let lost = outcomes.count { $0.value == nil }
      note("prompt \(current + 1): \(lost) of \(answers.count) answers have no reward: \(reason)")
    }
    // The first of equals.
    let best = outcomes.indices.reduce(0) {
      (outcomes[$1].value ?? -.infinity) > (outcomes[$0].value ?? -.infinity) ? $1 : $0
    }
    guard asJSON, let end = answers[best].end else { return try output(answers[best].text + "\n") }
    let rewards = outcomes.map { $0.written.map(JSON.number) ?? .null }
    let json: JSON = [
      "prompt": .array(prompt.messages.map(\.json)), "completion": .string(answers[best].text),
      "finish_reason": end.reason == .length ? "length" : "stop", "tokens": .integer(end.answerTokens),
      "reward": rewards[best], "rewards": .array(rewards),
    ]
    try output(json.text + "\n")
  }
}
