import JSON
import Objectives
import Rewards
import Text

/// The answers to some prompts, and what they are worth.
public struct Rollout: Sendable {
  /// Its number, from 0.
  public let number: Int
  /// The prompts with their answers.
  public let groups: [AnsweredPrompt]
  /// What each reward said of the answers, in the order of the groups.
  public let parts: [RewardSummary]
  /// The texts of the answers, group by group.
  public let texts: [[String]]
  /// The seconds that answering took, and rewarding.
  public var answeringTime = 0.0, rewardingTime = 0.0

  /// Figures of answers and rewards, by the names that TRL gives them.
  ///
  /// `reward` is the mean of the summed rewards, `reward_std` the mean over groups of their deviations (n − 1),
  /// `frac_reward_zero_std` the share of groups in which all are worth the same. Lengths are in tokens.
  public var figures: TextKeyed<Double> {
    var figures: TextKeyed<Double> = [:]
    let answers = groups.flatMap(\.answers)
    let sums = groups.flatMap(\.rewards)
    let known = sums.compactMap(\.self)
    if !known.isEmpty { figures["reward"] = known.mean }
    let deviations = groups.map { $0.rewards.compactMap(\.self).deviation }
    if answers.count > groups.count { figures["reward_std"] = deviations.mean }
    if answers.count > groups.count {
      figures["frac_reward_zero_std"] = Double(deviations.count { $0 == 0 }) / Double(groups.count)
    }
    for part in parts {
      if let mean = part.mean { figures["rewards/\(part.name)/mean"] = mean }
      if let deviation = part.standardDeviation { figures["rewards/\(part.name)/std"] = deviation }
      if part.failureCount > 0 { figures["rewards/\(part.name)/failed"] = Double(part.failureCount) }
    }
    if known.count < sums.count { figures["rewards/left_out"] = Double(sums.count - known.count) }
    figures.addLengths(answers.map(\.tokens.count), as: "length")
    figures.addLengths(answers.filter(\.hasEnded).map(\.tokens.count), as: "terminated_length")
    figures["time/answering"] = answeringTime
    figures["time/rewarding"] = rewardingTime
    figures["completions/clipped_ratio"] = Double(answers.count { !$0.hasEnded }) / Double(max(1, answers.count))
    return figures
  }

  /// A line for each answer.
  /// - Parameter columns: what a method adds of each, group by group.
  public func samples(adding columns: [(name: String, values: [[Double]])] = []) -> [JSON] {
    var place = 0
    return groups.indices.flatMap { group in
      groups[group].answers.indices.map { answer in
        defer { place += 1 }
        let (own, sampled) = (groups[group], groups[group].answers[answer])
        var sample: TextKeyed<JSON> = [
          "rollout": .integer(number), "group": .integer(group),
          "prompt": .array(own.prompt.messages.map(\.sample)), "answer": .string(texts[group][answer]),
          "ended": .bool(sampled.hasEnded), "tokens": .integer(sampled.tokens.count),
          "reward": own.rewards[answer].map(JSON.number) ?? .null,
        ]
        sample["rewards"] = .object(
          TextKeyed(parts.map { ($0.name, $0.outcomes[place].json) }, uniquingKeysWith: { $1 }))
        for (name, values) in columns { sample[name] = .number(values[group][answer]) }
        sample["record"] = .string("\(own.prompt.location)")
        return .object(sample)
      }
    }
  }
}

extension Message {
  fileprivate var sample: JSON { ["role": .string(role), "content": .string(content)] }
}

extension RewardOutcome {
  fileprivate var json: JSON {
    switch self {
    case .reward(let value): .number(value)
    case .failed(let reason): ["error": .string(reason)]
    case .notMine: .null
    }
  }
}

extension TextKeyed<Double> {
  fileprivate mutating func addLengths(_ lengths: [Int], as name: String) {
    guard let least = lengths.min(), let most = lengths.max() else { return }
    self["completions/mean_\(name)"] = lengths.map(Double.init).mean
    self["completions/min_\(name)"] = Double(least)
    self["completions/max_\(name)"] = Double(most)
  }
}

extension [Double] {
  /// 0 for no number.
  var mean: Double { Advantages.mean(self) }
  /// The standard deviation with n − 1; 0 for fewer than two.
  var deviation: Double { Advantages.standardDeviation(self) ?? 0 }
}
