/// An item with its answer and what that got.
public struct ScoredItem: Sendable {
  /// The item's place among those of its task, from 0.
  public let number: Int
  /// The item.
  public let item: EvaluationItem
  /// The prompt as the model read it.
  public let prompt: String
  /// What the model said.
  public let answer: ModelAnswer
  /// What that got.
  public let scores: ItemScores

  /// An item that is scored.
  public init(number: Int = 0, item: EvaluationItem, prompt: String = "", answer: ModelAnswer, scores: ItemScores) {
    (self.number, self.item, self.prompt) = (number, item, prompt)
    (self.answer, self.scores) = (answer, scores)
  }
}
