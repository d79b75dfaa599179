import JSON

/// A source of rewards: a rule, a program, a service.
public protocol Reward: Sendable {
  /// The name in metrics and messages, such as `gsm8k`.
  var name: String { get }

  /// What each answer is worth.
  /// - Returns: one outcome for each answer, in their order.
  /// - Throws: `RewardError` where nothing can be said of any answer.
  func rewards(for answers: [RewardedAnswer]) throws -> [RewardOutcome]

  /// What a person should know of rewards for records with such columns, in one line; nil as a rule.
  /// - Throws: `RewardError` where no reward could be had for them.
  func remark(on columns: [JSON]) throws -> String?
}

extension Reward {
  /// Nothing.
  public func remark(on columns: [JSON]) throws -> String? { nil }
}

/// What a reward says of one answer.
public enum RewardOutcome: Sendable, Equatable {
  /// What the answer is worth.
  case reward(Double)
  /// No number, and why. It is counted, and is not a reward of 0.
  case failed(String)
  /// The reward has nothing to say about such a record.
  case notMine

  /// The number, where there is one.
  public var value: Double? { if case .reward(let value) = self { value } else { nil } }
}

/// Why a reward cannot be had, in one line.
public struct RewardError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line: what is wrong, where, and what to do.
  public let description: String

  /// An error that says `description`.
  public init(_ description: String) { self.description = description }
}

/// A reward that looks at one answer at a time. Answers are scored on all cores.
public protocol AnswerReward: Reward {
  /// What an answer is worth; nil where the reward has nothing to say about such a record.
  /// - Throws: `RewardError` for an answer that cannot be scored, which fails for that answer alone.
  func reward(for answer: RewardedAnswer) throws(RewardError) -> Double?
}
