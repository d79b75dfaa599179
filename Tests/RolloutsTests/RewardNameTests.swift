import JSON
import Rewards
import Rollouts
import Testing
import Text

@Suite struct RewardNameTests {
  private func value(_ name: String, _ text: String, _ columns: JSON = .object([:])) throws -> Double? {
    guard case .reward(let reward) = try RewardName(name) else { return nil }
    let answer = RewardedAnswer(
      prompt: [Message(role: "user", content: "?")], text: text, tokens: [1, 2], columns: columns)
    return try reward.rewards(for: [answer])[0].value
  }

  @Test func rulesAreCalledByTheirNames() throws {
    #expect(try value("gsm8k", "so 18", ["ground_truth": "18"]) == 1)
    #expect(try value("words:1-2", "two words") == 1)
    #expect(try value("words:0-1", "two words") == 0)
    #expect(try value("tokens:2-2", "whatever") == 1)
    #expect(try value("overlong:2-1", "whatever") == -1)
    #expect(try value("regex:^a.c$", "abc") == 1)
    #expect(try value("ifeval:punctuation:no_comma", "no, never") == 0)
    #expect(
      try value(#"ifeval:length_constraints:number_words {"relation": "less than", "num_words": 3}"#, "two words") == 1)
    #expect(try value("format", "<think>a</think>b") == 1)
  }

  @Test(arguments: [
    ("", "the name of a reward is empty"), ("words:40", "'40' is not two numbers; write words:LEAST-MOST"),
    ("words:9-2", "no answer has at least 9 and at most 2 words"), ("regex:(", "'(' is not a regular expression"),
    ("ifeval:nothing:such", "nothing:such"), ("ifeval:length_constraints:number_words", "number_words"),
    ("ifeval:length_constraints:number_words {", "no JSON object"), ("command: ", "blank"),
    ("http://", "http://"),
  ])
  func whatCannotBeIsRefused(name: String, words: String) {
    #expect { try RewardName(name) } throws: { "\($0)".contains(words) && !"\($0)".contains("\n") }
  }

  @Test func anythingElseIsAModel() throws {
    for name in ["judge", "allenai/judge", "./a:b", "/models/x"] {
      guard case .model(name) = try RewardName(name) else { Issue.record("\(name) is no model"); continue }
    }
  }

  @Test func rewardsOfOneNameAreNumbered() throws {
    let rewards = try ["a", "b"].map { try PatternReward($0) as any Reward }
    let sum = try WeightedRewards(rewards, weights: [1, 0.5], onFailure: .stop)
    #expect(sum.terms.map(\.reward.name) == ["pattern", "pattern-2"])
    let answer = RewardedAnswer(prompt: [], text: "ab")
    #expect(try sum.rewards(for: [answer]).sums == [1.5])
  }
}
