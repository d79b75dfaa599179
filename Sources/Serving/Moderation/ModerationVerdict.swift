import JSON

/// What a judge says of a text.
public struct ModerationVerdict: Sendable, Equatable {
  /// A reason for which texts are refused.
  public struct Category: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Whether the text is of it.
    public let isFlagged: Bool
    /// How likely that is, from 0 to 1; nil where the judge does not say.
    public let score: Double?

    /// A category.
    public init(name: String, isFlagged: Bool, score: Double?) {
      (self.name, self.isFlagged, self.score) = (name, isFlagged, score)
    }
  }

  /// Whether the text is refused.
  public let isFlagged: Bool
  /// All categories that the judge knows.
  public let categories: [Category]

  /// A verdict.
  public init(isFlagged: Bool, categories: [Category] = []) {
    (self.isFlagged, self.categories) = (isFlagged, categories)
  }

  /// As `/v1/moderations` has it.
  var json: JSON {
    let scores = categories.compactMap { category in category.score.map { (category.name, JSON.number($0)) } }
    return [
      "flagged": .bool(isFlagged),
      "categories": .object(
        TextKeyed(categories.map { ($0.name, .bool($0.isFlagged)) }, uniquingKeysWith: { first, _ in first })),
      "category_scores": .object(TextKeyed(scores, uniquingKeysWith: { first, _ in first })),
    ]
  }
}
