/// How an answer is generated.
public struct AnswerOptions: Sendable, Equatable {
  /// The most tokens of the answer, at least 1; 0 where there is an `echo`.
  public var maximumTokens: Int
  /// Divides the logits; 0 takes the most probable token.
  public var temperature: Double
  /// The share of probability that is sampled from, above 0; 1 keeps all.
  public var topP: Double
  /// The number of tokens that are sampled from; nil keeps all.
  public var topK: Int?
  /// The least probability of a token, as a share of the most probable one's; 0 keeps all.
  public var minP: Double
  /// Divides (or multiplies, below zero) the logits of tokens that occurred; 1 changes nothing.
  public var repetitionPenalty: Double
  /// The seed of all that is random: the same seed, the same answer.
  public var seed: UInt64
  /// Texts before which the answer ends.
  public var stops: [String]
  /// How many of the likeliest tokens are reported beside each chosen one; nil where no log-probabilities are wanted.
  public var alternatives: Int?
  /// What the logit of a token of the answer loses for each time that it occurred.
  public var frequencyPenalty = 0.0
  /// What the logit of a token of the answer loses once it occurred.
  public var presencePenalty = 0.0
  /// The least tokens of the answer: until then no token ends it.
  public var minimumTokens = 0
  /// Tokens that end the answer besides the model's own.
  public var stopTokens: Set<Int32> = []
  /// Whether the model's own end tokens are like any others.
  public var ignoresEnd = false
  /// Whether the answer goes on where the prompt's text ends, rather than being a text of its own.
  public var continuesText = false
  /// Special tokens, as they are spelled, that stand for text in the answer; others stand for none.
  public var shownTokens: [String] = []
  /// The prompt's text, to be given out before the answer with the prompt's tokens; nil for the answer alone.
  public var echo: String?

  /// Options; without others, plain sampling.
  public init(
    maximumTokens: Int, temperature: Double = 1, topP: Double = 1, topK: Int? = nil, minP: Double = 0,
    repetitionPenalty: Double = 1, seed: UInt64 = 0, stops: [String] = [], alternatives: Int? = nil
  ) {
    self.maximumTokens = maximumTokens
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.seed = seed
    self.stops = stops
    self.alternatives = alternatives
  }
}
