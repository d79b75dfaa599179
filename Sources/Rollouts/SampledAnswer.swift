import Inference
import Llama
import Rewards
import Text

/// An answer that a policy gave.
public struct SampledAnswer: Sendable, Equatable {
  /// Its tokens, the one that ended it included; at least one.
  public let tokens: [Int32]
  /// Whether the policy ended it; false where it was cut at the limit of length.
  public let hasEnded: Bool
  /// The log-probability of each token under the weights that gave it, at the temperature that they are compared at; empty where
  /// nobody asked for them.
  public let logProbabilities: [Float]

  /// An answer.
  public init(tokens: [Int32], hasEnded: Bool, logProbabilities: [Float] = []) {
    (self.tokens, self.hasEnded, self.logProbabilities) = (tokens, hasEnded, logProbabilities)
  }

  /// Its text.
  public func text(_ tokenizer: Tokenizer) -> String { tokenizer.decode(hasEnded ? tokens.dropLast() : tokens) }

  /// Prompt and answer as the model reads them; the answer's tokens are scored.
  public func sequence(behind prompt: [Int32]) -> TokenSequence {
    TokenSequence(
      tokens: prompt + tokens,
      isScored: Array(repeating: false, count: prompt.count) + Array(repeating: true, count: tokens.count))
  }
}
