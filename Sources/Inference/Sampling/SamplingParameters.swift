/// How the next token is chosen, as transformers' `generate` means these names.
public struct SamplingParameters: Sendable, Equatable {
  /// What the logits are divided by before the softmax; 0 takes the most probable token.
  public var temperature = 0.0
  /// Only this many of the most probable tokens remain; nil for all.
  public var topK: Int?
  /// Only the most probable tokens that together reach this probability remain; 1 for all.
  public var topP = 1.0
  /// Only tokens at least this share as probable as the most probable one remain; 0 for all.
  public var minP = 0.0
  /// What the logits of tokens that occurred already, in the prompt too, are divided by where positive and multiplied
  /// by where negative; 1 for nothing (CTRL, arXiv 1909.05858).
  public var repetitionPenalty = 1.0
  /// What the logit of a token that occurred in the answer loses for each time that it did, as OpenAI means it.
  public var frequencyPenalty = 0.0
  /// What the logit of a token that occurred in the answer loses once.
  public var presencePenalty = 0.0
  /// The seed of the choice: the same seed, the same tokens, whatever else is in the batch; nil for another each time.
  public var seed: UInt64?

  /// Greedy choice, which takes the most probable token.
  public init() {}

  /// A choice at a temperature.
  public init(
    temperature: Double, topK: Int? = nil, topP: Double = 1, minP: Double = 0, repetitionPenalty: Double = 1,
    seed: UInt64? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.seed = seed
  }

  /// What is wrong with the numbers, in one line; nil where nothing is.
  public var problem: String? {
    if !(temperature >= 0 && temperature.isFinite) { return "temperature must be at least 0, not \(temperature)" }
    if let topK, topK < 1 { return "top-k must be at least 1, not \(topK)" }
    if !(topP > 0 && topP <= 1) { return "top-p must be greater than 0 and at most 1, not \(topP)" }
    if !(0...1).contains(minP) { return "min-p must be from 0 to 1, not \(minP)" }
    if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
      return "the repetition penalty must be greater than 0, not \(repetitionPenalty)"
    }
    if !(frequencyPenalty.isFinite && presencePenalty.isFinite) { return "penalties must be finite" }
    return nil
  }

  /// Whether the logits stay as they are until they are divided by the temperature.
  var leavesLogits: Bool { repetitionPenalty == 1 && frequencyPenalty == 0 && presencePenalty == 0 }
}
