import Foundation
import JSON
import Rewards
import Text

/// What a person calls a reward by: a rule, a program, a service, or else a reward model's folder.
public enum RewardName: Sendable {
  /// What needs no model.
  case reward(any Reward)
  /// A reward model by its folder, or by its name on the hub.
  case model(String)

  /// How rewards are called, for help.
  public static let forms = """
    a reward model (a folder, or OWNER/NAME on the hub); the rules gsm8k, math, choice and ifeval, which read the column \
    'ground_truth'; format (<think>); repetition; words:LEAST-MOST or tokens:LEAST-MOST; overlong:LONGEST-BUFFER; regex:PATTERN; \
    ifeval:INSTRUCTION, as in 'ifeval:punctuation:no_comma', with its arguments in JSON behind it; command:LINE, a program; or \
    http://… and https://…, a service
    """

  /// The reward of a name.
  /// - Throws: `RewardError` for a rule that cannot be as it is said.
  public init(_ text: String) throws(RewardError) {
    guard let rule = try Self.rule(text) else {
      guard !text.isEmpty else { throw RewardError("the name of a reward is empty; it is \(Self.forms)") }
      self = .model(text)
      return
    }
    self = .reward(rule)
  }

  private static func rule(_ text: String) throws(RewardError) -> (any Reward)? {
    switch text {
    case "gsm8k": return GSM8KReward()
    case "math": return MathReward()
    case "choice": return try MultipleChoiceReward()
    case "ifeval":
      try IFEvalReward.checkLanguages()
      return IFEvalReward()
    case "format": return FormatReward()
    case "repetition": return try RepetitionPenalty()
    default: break
    }
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let rest = String(text[text.index(after: colon)...])
    switch text[..<colon] {
    case "regex": return try PatternReward(rest)
    case "words": return try LengthReward(.words, rest)
    case "tokens": return try LengthReward(.tokens, rest)
    case "overlong":
      let (longest, buffer) = try numbers(rest, as: "overlong:LONGEST-BUFFER, as overlong:512-128")
      return try OverlongPenalty(longest: longest, buffer: buffer)
    case "ifeval": return try instruction(rest)
    case "command": return try RewardCommand(rest)
    case "http", "https": return try RewardEndpoint(text)
    default: return nil
    }
  }

  /// An instruction's name, and behind it an object of its arguments.
  private static func instruction(_ text: String) throws(RewardError) -> IFEvalRule {
    guard let brace = text.firstIndex(of: "{") else { return try IFEvalRule(text) }
    guard let arguments = try? JSON(parsing: Array(text[brace...].utf8)), arguments.object != nil else {
      throw RewardError("what follows the name in 'ifeval:\(text)' is no JSON object of arguments")
    }
    return try IFEvalRule(text[..<brace].trimmingCharacters(in: .whitespaces), arguments)
  }

  fileprivate static func numbers(_ text: String, as form: String) throws(RewardError) -> (Int, Int) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let second = parts[1] else {
      throw RewardError("'\(text)' is not two numbers; write \(form)")
    }
    return (first, second)
  }
}

extension LengthReward {
  /// A range of lengths as it is written.
  fileprivate init(_ unit: Unit, _ text: String) throws(RewardError) {
    let (least, most) = try RewardName.numbers(text, as: "\(unit):LEAST-MOST, as \(unit):1-40")
    try self.init(unit, atLeast: least, atMost: most)
  }
}
