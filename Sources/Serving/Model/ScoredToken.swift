/// A token of an answer with its log-probability.
public struct ScoredToken: Sendable, Equatable {
  /// A token that could have been chosen.
  public struct Alternative: Sendable, Equatable {
    /// The token's bytes; they need not be whole characters.
    public var bytes: [UInt8]
    /// The natural logarithm of its probability.
    public var logProbability: Float

    /// An alternative.
    public init(bytes: [UInt8], logProbability: Float) {
      self.bytes = bytes
      self.logProbability = logProbability
    }
  }

  /// The token's id.
  public var id: Int32
  /// Its bytes and log-probability; nil where these were not asked for.
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
