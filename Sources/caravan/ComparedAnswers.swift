import Datasets
import JSON
import Rewards
import Text

/// The answers to one prompt on their way to be pairs.
struct ComparedAnswers {
  /// Which answers are compared.
  enum Choice: String, CaseIterable {
    case bestWorst = "best-worst"
    case all
  }

  /// What became of answers and prompts.
  struct Counts {
    var pairs = 0
    /// Pairs that are none, since their rewards differ by too little.
    var ties = 0
    /// Answers without a reward, and why the first of them has none.
    var lost = 0
    var reason: String?
    /// Prompts with fewer than two rewarded answers.
    var single = 0

    /// The counts for a person, a line each.
    var lines: [String] {
      [
        "\(pairs) pairs written", ties > 0 ? "dropped \(ties) ties: their rewards differ by too little" : nil,
        lost > 0 ? "\(lost) answers have no reward: \(reason ?? "")" : nil,
        single > 0 ? "left out \(single) prompts with fewer than two rewarded answers" : nil,
      ].compactMap(\.self)
    }
  }

  let prompt: PromptRecord
  private(set) var answers: [RewardedAnswer] = []

  /// No answers yet.
  init(prompt: PromptRecord) { self.prompt = prompt }

  mutating func add(_ record: CandidateAnswers) {
    answers += record.answers.map {
      RewardedAnswer(
        prompt: prompt.messages, text: $0, hasEnded: record.haveEnded, columns: record.prompt.columns)
    }
  }

  /// The lines of the pairs, the better answer chosen.
  /// - Parameter margin: the least difference of two rewards; equal ones are never a pair.
  func pairs(_ outcomes: [RewardOutcome], _ choice: Choice, margin: Double, _ counts: inout Counts) -> [String] {
    let scored = answers.indices.filter { outcomes[$0].value != nil }
    counts.lost += answers.count - scored.count
    counts.reason = counts.reason ?? outcomes.compactMap(\.whyNot).first
    guard scored.count >= 2 else {
      counts.single += 1
      return []
    }
    func value(_ index: Int) -> Double { outcomes[index].value ?? 0 }
    // The first of equals comes first.
    let ranked = scored.sorted { (value($1), $0) < (value($0), $1) }
    var lines: [String] = []
    func compare(_ better: Int, _ worse: Int) {
      let difference = value(better) - value(worse)
      guard difference > 0, difference >= margin else {
        counts.ties += 1
        return
      }
      lines.append(line(better, worse, outcomes))
    }
    switch choice {
    case .bestWorst: compare(ranked[0], ranked[ranked.count - 1])
    case .all:
      for (place, better) in ranked.enumerated() {
        for worse in ranked[(place + 1)...] { compare(better, worse) }
      }
    }
    counts.pairs += lines.count
    return lines
  }

  private func line(_ better: Int, _ worse: Int, _ outcomes: [RewardOutcome]) -> String {
    var members = prompt.columns.object ?? [:]
    for name in ["messages", "system", "answers", "completion", "finish_reason", "tokens"] { members[name] = nil }
    members["prompt"] = .array(prompt.messages.map(\.json))
    for (name, index) in [("chosen", better), ("rejected", worse)] {
      members[name] = .array([Message(role: "assistant", content: answers[index].text).json])
      members[name + "_reward"] = outcomes[index].written.map(JSON.number) ?? .null
    }
    return JSON.object(members).text
  }
}
