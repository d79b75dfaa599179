/// Why an answer ended.
public enum FinishReason: Sendable, Equatable {
  /// The model ended it, by one of the stop tokens, which is no part of the answer.
  case stopToken(GeneratedToken)
  /// A stop string came up. It is no part of the answer.
  case stopString(String)
  /// The most tokens that were asked for are reached, or the model's context is full.
  case length
}
