import JSON
import Text

/// Who says what answers are worth where no rule does: a service, or a model of one's own.
public protocol Judge {
  /// How results name it.
  var name: String { get }
  /// What tells it from all others; its replies are kept under this.
  var identity: String { get }

  /// Asks questions, some at once.
  /// - Parameter take: gets each question's place and what came of it, in no order; it may throw to stop.
  /// - Throws: what `take` throws, and errors that no further question can avoid.
  func ask(_ questions: [JudgeQuestion], _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void) throws
}

/// What a judge is asked.
public enum JudgeQuestion: Sendable, Equatable {
  /// What it replies in a conversation, and how probable the tokens are that its reply could begin with.
  case reply(to: [Message], maximumTokens: Int, alternatives: Int)
  /// How probable a text is after another.
  case probability(of: String, after: String)
  /// What number an answer in a conversation gets.
  case reward(of: String, to: [Message])

  /// All of it, for keys and records.
  var json: JSON {
    switch self {
    case .reply(let messages, let most, let alternatives):
      [
        "messages": .array(messages.map(\.json)), "max_tokens": .integer(most), "top_logprobs": .integer(alternatives),
      ]
    case .probability(let text, let beginning): ["prompt": .string(beginning), "text": .string(text)]
    case .reward(let answer, let prompt):
      ["messages": .array(prompt.map(\.json)), "answer": .string(answer)]
    }
  }
}

/// What a judge said.
public struct JudgeReply: Sendable, Equatable {
  /// Its words.
  public var text: String
  /// The log-probabilities of the tokens that it could have begun with, as many as were asked for and it tells; of the text
  /// whose probability was asked for, that.
  public var logProbabilities: TextKeyed<Double>
  /// The number that it gives an answer; nil where none was asked for.
  public var reward: Double?
  /// Tokens that it read.
  public var promptTokens: Int
  /// Tokens that it wrote.
  public var replyTokens: Int

  /// A reply.
  public init(
    _ text: String, logProbabilities: TextKeyed<Double> = [:], reward: Double? = nil, promptTokens: Int = 0,
    replyTokens: Int = 0
  ) {
    (self.text, self.logProbabilities, self.reward) = (text, logProbabilities, reward)
    (self.promptTokens, self.replyTokens) = (promptTokens, replyTokens)
  }

  /// Whether they say the same.
  public static func == (one: JudgeReply, other: JudgeReply) -> Bool { one.json == other.json }

  /// As it is kept.
  var json: JSON {
    var members: TextKeyed<JSON> = [
      "reply": .string(text), "logprobs": .object(TextKeyed(logProbabilities.map { ($0.key, .number($0.value)) })),
      "prompt_tokens": .integer(promptTokens), "reply_tokens": .integer(replyTokens),
    ]
    if let reward { members["reward"] = .number(reward) }
    return .object(members)
  }

  /// Reads what was kept.
  init?(_ json: JSON) {
    guard let text = json["reply"]?.string else { return nil }
    let numbers = (json["logprobs"]?.object ?? [:]).compactMap { key, value in value.double.map { (key, $0) } }
    self.init(
      text, logProbabilities: TextKeyed(numbers), reward: json["reward"]?.double,
      promptTokens: json["prompt_tokens"]?.int ?? 0,
      replyTokens: json["reply_tokens"]?.int ?? 0)
  }
}

/// Why a judge said nothing of an answer, in one line.
public struct JudgeFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String
  /// A failure.
  public init(_ description: String) { self.description = description }
}
