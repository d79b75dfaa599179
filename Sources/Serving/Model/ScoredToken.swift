/// A token of an answer with its log-probability.
public struct ScoredToken: Sendable, Equatable {
  /// A token that could have been chosen.
  public struct Alternative: Sendable, Equatable {
    /// The token's text; it has U+FFFD where the token holds no whole character.
    public var text: String
    /// The natural logarithm of its probability.
    public var logProbability: Float

    /// An alternative.
    public init(text: String, logProbability: Float) {
      self.text = text
      self.logProbability = logProbability
    }
  }

  /// The token's id.
  public var id: Int32
  /// Its text and log-probability; nil where these were not asked for.
  public var score: Alternative?
  /// The likeliest tokens in its place, the likeliest first.
  public var alternatives: [Alternative]

  /// A token.
  public init(id: Int32, score: Alternative? = nil, alternatives: [Alternative] = []) {
    self.id = id
    self.score = score
    self.alternatives = alternatives
  }
}
