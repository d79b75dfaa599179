/// What to continue, and how.
public struct GenerationRequest: Sendable {
  /// The tokens to continue; at least one.
  public var prompt: [Int32]
  /// How tokens are chosen.
  public var sampling = SamplingParameters()
  /// The most tokens of the answer; nil for as many as the context holds.
  public var maximumTokens: Int?
  /// Tokens that end the answer and are no part of it, such as those of `GenerationConfig.eosTokenIDs`.
  public var stopTokens: Set<Int32> = []
  /// Texts that end the answer and are no part of it. None is empty.
  public var stopStrings: [String] = []
  /// The least tokens of the answer: until then no stop token is chosen.
  public var minimumTokens = 0
  /// Whether the prompt's tokens are told with their log-probabilities. `maximumTokens` may be 0 then.
  public var scoresPrompt = false
  /// How many of the most probable tokens to tell with each token.
  public var alternatives = 0
  /// Special tokens that stand for text in the answer, as those around the calls of tools; others stand for none.
  public var shownTokens: Set<Int32> = []
  /// Whether the answer goes on where the prompt's text ends. Otherwise it is a text of its own, and tokenizers that put a
  /// space before every text take it off this one too.
  public var continuesText = false

  /// A request for a greedy answer that nothing but the context ends.
  public init(prompt: [Int32]) { self.prompt = prompt }
}
