/// A token with its log-probability.
public struct ScoredToken: Sendable, Equatable {
  /// A token that could have been chosen.
  public struct Alternative: Sendable, Equatable {
    /// The token's text; the bytes of a character may be spread over several tokens.
    public var bytes: [UInt8]
    /// The natural logarithm of its probability; nil for a prompt's first token, which nothing comes before.
    public var logProbability: Float?

    /// An alternative.
    public init(bytes: [UInt8], logProbability: Float?) {
      self.bytes = bytes
      self.logProbability = logProbability
    }

    /// An alternative whose text is whole.
    public init(text: String, logProbability: Float?) {
      self.init(bytes: Array(text.utf8), logProbability: logProbability)
    }

    /// The bytes as text; it has U+FFFD where the token holds no whole character.
    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// How many characters begin in it, so that those of all tokens are the text's.
    var characterCount: Int { bytes.count { $0 & 0xC0 != 0x80 } }
  }

  /// The token's id.
  public var id: Int32
  /// Its text and log-probability; nil where these were not asked for.
  public var score: Alternative?
  /// The likeliest tokens in its place, the likeliest first.
  public var alternatives: [Alternative]
  /// Whether it is left out of the text, as special tokens are.
  public var isHidden: Bool

  /// A token.
  public init(id: Int32, score: Alternative? = nil, alternatives: [Alternative] = [], isHidden: Bool = false) {
    self.id = id
    self.score = score
    self.alternatives = alternatives
    self.isHidden = isHidden
  }
}
