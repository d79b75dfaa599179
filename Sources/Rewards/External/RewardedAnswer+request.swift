import JSON
import Wording

extension RewardedAnswer {
  /// The answer as programs and services get it.
  var request: [(String, JSON)] {
    [
      ("prompt", .array(prompt.map(\.json))), ("answer", .string(text)), ("ended", .bool(hasEnded)),
      ("tokens", .integer(tokens.count)), ("record", columns),
    ]
  }
}

extension RewardOutcome {
  /// What a program or a service says of an answer: a number, null where it has nothing to say, or `{"error": "why"}`.
  init(reply: JSON?) {
    switch reply {
    case .null: self = .notMine
    case .some(let value) where value.double != nil:
      let number = value.double ?? .nan
      self = number.isFinite ? .reward(number) : .failed("the reward is \(number), not a finite number")
    case .some(let value) where value["error"]?.string != nil: self = .failed(shown(value["error"]?.string ?? ""))
    case .some(let value): self = .failed("the reward is \(value.kind), not a number or null")
    case .none: self = .failed("the reply has no 'reward'")
    }
  }
}

/// Another program's text, fit for a message.
func shown(_ text: String) -> String { plainLine(text, limit: 120) }
