import Foundation
import JSON
import TestSupport
import Testing

@testable import Rewards

/// Rules that verify results.
@Suite struct VerifierTests {
  private static let solutions = Checkout.shared("gold/gsm8k")

  private static func answer(_ text: String, _ truth: JSON, tokens: [Int32] = []) -> RewardedAnswer {
    RewardedAnswer(prompt: [], text: text, tokens: tokens, columns: ["ground_truth": truth])
  }

  /// Solutions of four models to GSM8K's test, scored by the authors' evaluation.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: solutions.path)))
  func gsm8kIsTheAuthors() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("solutions.jsonl")
    #expect(shell("gzip -dc '\(Self.solutions.path)/openai_solutions.jsonl.gz' > '\(file)'") == 0)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 5276)
    for line in lines {
      let row = try JSON(parsing: String(line))
      let (output, target) = (try #require(row["output"]?.string), try #require(row["target"]))
      #expect(GSM8KReward.prediction(of: output) == row["prediction"]?.string)
      let value = try GSM8KReward(.evaluation).reward(for: Self.answer(output, target))
      #expect((value == 1) == row["exact_match"]?.bool)
    }
    for row in try JSON(file: Self.solutions.appending(path: "extraction_edge.json")).array ?? [] {
      #expect(GSM8KReward.prediction(of: row["output"]?.string ?? "") == row["prediction"]?.string)
    }
  }

  @Test func gsm8kComparesInTwoWays() {
    func rewards(_ text: String, _ truth: JSON) -> [Double?] {
      [GSM8KReward(.verifier), GSM8KReward(.evaluation)].map { $0.rewards(for: [Self.answer(text, truth)])[0].value }
    }
    #expect(rewards("It is $1,234.", "1234") == [1, 1])
    #expect(rewards("It is -1.5", "1.5") == [0, 1] && rewards("It is 18.00", 18) == [0, 0])
    #expect(rewards("1.4", "14") == [0, 1] && rewards("no number", "No number!") == [0, 1])
    #expect(rewards("7", "He has 3 + 4 = 7.\n#### 7") == [1, 1])
    let missing = GSM8KReward().rewards(for: [RewardedAnswer(prompt: [], text: "7")])
    #expect(missing == [.failed("the record has no column 'ground_truth'")])
    let list = GSM8KReward().rewards(for: [Self.answer("7", [7])])
    #expect(list == [.failed("the record's column 'ground_truth' is a list, not a text or a number")])
  }

  /// Random answers full of TeX, and what lm-evaluation-harness's functions make of them.
  @Test func mathIsTheVerifiers() throws {
    // `CARAVAN_MATH_CASES` names a file of more.
    let file = ProcessInfo.processInfo.environment["CARAVAN_MATH_CASES"].map { URL(filePath: $0) }
    let cases = try JSON(file: file ?? Checkout.fixtures(of: "RewardsTests").appending(path: "math.json")).array ?? []
    #expect(cases.count >= 400)
    for row in cases {
      let row = row.array ?? []
      let (text, truth) = (row[0].string ?? "", row[1].string ?? "")
      let candidates = MathAnswer.candidates(in: text)
      #expect(candidates.map { JSON.string($0) } == row[2].array)
      #expect(candidates.contains { MathAnswer.areEquivalent($0, truth) } == row[3].bool, "\(text) | \(truth)")
    }
  }

  @Test func mathReadsSolutionsAndAnswers() throws {
    func value(_ text: String, _ truth: JSON) throws -> Double? {
      try MathReward().reward(for: Self.answer(text, truth))
    }
    #expect(try value("So $x = \\boxed{\\dfrac12}$.", "We get $\\boxed{\\frac{1}{2}}$.") == 1)
    #expect(try value("Final Answer: The final answer is $4$. I hope it is correct.", 4) == 1)
    #expect(try value("We get $2+2=4$", "4") == 1 && value("4", "4") == 1 && value("5", "4") == 0)
    // No computer algebra.
    #expect(try value("\\boxed{0.25}", "\\frac{1}{4}") == 0)
  }

  /// Tülu's mixed data: each record says whose it is.
  @Test func recordsBelongToOneVerifier() {
    func outcomes(_ dataset: JSON) -> [RewardOutcome] {
      let answer = RewardedAnswer(prompt: [], text: "It is 4", columns: ["ground_truth": "4", "dataset": dataset])
      return [GSM8KReward().rewards(for: [answer])[0], MathReward().rewards(for: [answer])[0]]
    }
    #expect(outcomes("gsm8k") == [.reward(1), .notMine] && outcomes("MATH") == [.notMine, .reward(0)])
    #expect(outcomes("ifeval") == [.notMine, .notMine] && outcomes("openai/gsm8k") == [.reward(1), .reward(0)])
  }

  @Test func choices() throws {
    let reward = try MultipleChoiceReward()
    for (text, letter) in [
      ("Answer: B", "b"), ("**Answer: $c$**", "c"), ("answer:\tA. It is A, not answer: D", "a"),
      ("The answer is (D).", "d"),
      ("The answer is A? No, the answer is B.", "b"), ("The answer is a dog", nil), ("the answer is apples", nil),
      ("E", nil),
      ("Answer: E", nil),
    ] as [(String, Unicode.Scalar?)] { #expect(reward.choice(in: text) == letter, "\(text)") }
    #expect(
      try reward.reward(for: Self.answer("Answer: B", "B")) == 1 && reward.reward(for: Self.answer("Answer: B", 1)) == 1
    )
    #expect(
      throws: RewardError("the record's column 'ground_truth' is neither a letter nor the number of one of 4 choices")
    ) {
      try reward.reward(for: Self.answer("Answer: B", "E"))
    }
    #expect(throws: RewardError("there are 2 to 26 choices, not 1")) { try MultipleChoiceReward(count: 1) }
  }

  @Test func patterns() throws {
    func value(_ pattern: String, _ text: String, whole: Bool = false) throws -> Double? {
      try PatternReward(pattern, matchingWhole: whole).reward(for: Self.answer(text, 0))
    }
    #expect(
      try value("b|c", "abc") == 1 && value("b|c", "abc", whole: true) == 0 && value("a.b", "a\nb", whole: true) == 1)
    #expect(throws: RewardError("'(' is not a regular expression; mind brackets and backslashes")) {
      try PatternReward("(")
    }
    #expect(throws: RewardError.self) { try PatternReward("a)(b", matchingWhole: true) }
    let start = ContinuousClock.now
    #expect(throws: RewardError.self) { try value("(x+x+)+y", String(repeating: "x", count: 5000)) }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func lengths() throws {
    func words(_ text: String, _ range: ClosedRange<Int>) throws -> Double? {
      try LengthReward(.words, atLeast: range.lowerBound, atMost: range.upperBound).reward(for: Self.answer(text, 0))
    }
    #expect(try words("It's well-known.", 4...4) == 1 && words("one two", 3...9) == 0 && words("", 0...0) == 1)
    #expect(throws: RewardError("no answer has at least 3 and at most 2 tokens")) {
      try LengthReward(.tokens, atLeast: 3, atMost: 2)
    }
    let penalty = try OverlongPenalty(longest: 100, buffer: 20)
    let values = [0, 80, 90, 100, 101].map {
      penalty.reward(for: Self.answer("", 0, tokens: Array(repeating: 1, count: $0)))
    }
    #expect(values == [0, 0, -0.5, -1, -1])
  }

  /// The examples of TRL's documentation.
  @Test func repetitionAndFormat() throws {
    let repetition = try RepetitionPenalty(order: 2)
    let values = [[1, 2, 3, 4], [5, 5, 5, 5, 5], [1]].map { repetition.reward(for: Self.answer("", 0, tokens: $0)) }
    #expect(values == [0, -0.75, 0])
    #expect(try RepetitionPenalty(order: .max).reward(for: Self.answer("", 0, tokens: [1, 1])) == 0)
    for (text, value) in [
      ("<think>\nThis is my reasoning.\n</think>\nThis is my answer.", 1),
      ("<think>\nThis is my reasoning.\nThis is my answer.", 0),
      ("<think></think>", 1), (" <think></think>", 0), ("<think>a<think>b</think>", 0), ("<think>a</think>b<think>", 0),
    ] as [(String, Double)] { #expect(FormatReward().reward(for: Self.answer(text, 0)) == value, "\(text)") }
  }
}
