/// How an objective speaks of itself: while it trains, and on the card of the model that it trained.
public struct ObjectiveWords: Sendable {
  /// A figure worth showing.
  public struct Figure: Sendable {
    /// Its heading.
    public let heading: String
    /// The metric's name.
    public let metric: String
    /// Digits after the point in a table.
    public let digits: Int

    /// A figure.
    public init(_ heading: String, metric: String, digits: Int) {
      self.heading = heading
      self.metric = metric
      self.digits = digits
    }
  }

  /// What the method is called for short, which is also the card's tag: `dpo`.
  public var tag: String
  /// What the examples are, in the plural: `pairs`.
  public var unit: String
  /// How the model was trained: the rest of the sentence "This language model was trained from M …".
  public var method: String
  /// The figures worth showing beside the loss.
  public var figures: [Figure]
  /// What the numbers mean, as Markdown.
  public var meaning: String
  /// The papers that a model's card cites, as BibTeX.
  public var citations: [String]

  /// The words of an objective; those that are left out say nothing.
  public init(
    tag: String, unit: String, method: String, figures: [Figure] = [], meaning: String = "", citations: [String] = []
  ) {
    self.tag = tag
    self.unit = unit
    self.method = method
    self.figures = figures
    self.meaning = meaning
    self.citations = citations
  }
}
