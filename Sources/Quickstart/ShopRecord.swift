import Datasets
import JSON

/// A question with four clerks' answers and the judge's verdicts: a row of UltraFeedback's raw schema.
public struct ShopRecord: Sendable {
  /// One clerk's answer.
  public struct Completion: Sendable {
    /// The clerk's name.
    public let model: String
    /// What it answered.
    public let response: String
    /// What the judge says to that.
    public let verdict: ShopJudge.Verdict
  }

  /// The question.
  public let question: ShopQuestion
  /// Four answers, by four clerks.
  public let completions: [Completion]

  init(question: ShopQuestion, using generator: inout SplitMix64) {
    self.question = question
    var completions: [Completion] = []
    for clerk in generator.shuffle(Clerk.allCases).prefix(4) {
      let response = clerk.answer(question, using: &generator)
      let verdict = ShopJudge.verdict(on: response, to: question)
      completions.append(Completion(model: clerk.rawValue, response: response, verdict: verdict))
    }
    self.completions = completions
  }

  /// The record as a row of UltraFeedback's raw files.
  public var json: JSON {
    [
      "source": "quickstart", "instruction": .string(question.text),
      "models": .array(completions.map { .string($0.model) }),
      "completions": .array(completions.map(\.json)), "correct_answers": .array([.string(question.rightValue)]),
      "incorrect_answers": [],
    ]
  }
}

extension ShopRecord.Completion {
  fileprivate var json: JSON {
    let truth = verdict.isRight ? 5 : 1
    let form = verdict.isFullSentence ? 5 : verdict.isTidy ? 3 : 1
    let manner = verdict.isFriendly ? 5 : verdict.isRude ? 1 : 3
    let ratings = [
      ("instruction_following", form), ("honesty", truth), ("truthfulness", truth), ("helpfulness", manner),
    ]
    let annotations = ratings.map { name, rating in
      (name, JSON.object(["Rating": .string(String(rating)), "Rationale": .string(verdict.reasons)]))
    }
    return [
      "model": .string(model), "principle": "helpfulness", "custom_system_prompt": "", "response": .string(response),
      "annotations": .object(.init(annotations)), "critique": .string(verdict.reasons),
      "overall_score": .number(Double(verdict.score)),
      "fine-grained_score": .number(Double(ratings.map(\.1).reduce(0, +)) / Double(ratings.count)),
    ]
  }
}
