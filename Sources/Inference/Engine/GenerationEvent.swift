/// What comes of a request: parts of the answer, then its end.
public enum GenerationEvent: Sendable, Equatable {
  /// Text that nothing can change any more, and the tokens that it is made of.
  ///
  /// What may be the beginning of a stop string, or of a character, is held back, and what an engine makes within 10 ms is
  /// passed on together, so tokens may come several at a time; text may be empty where tokens stand for none. All the texts put together are the answer.
  case part(text: String, tokens: [GeneratedToken])
  /// The prompt's next tokens, all but its first, where `scoresPrompt` asks for them; before the answer.
  case prompt(tokens: [GeneratedToken])
  /// The end: always the last event, unless the stream throws.
  case finished(GenerationEnd)
}

/// How an answer ended.
public struct GenerationEnd: Sendable, Equatable {
  /// Why.
  public let reason: FinishReason
  /// Tokens of the prompt.
  public let promptTokens: Int
  /// Tokens that the model produced, those of a stop string and the stop token included.
  public let answerTokens: Int
}
