/// Numbers of a model that Llama does not have: what it multiplies by on its way, and where it caps.
public struct Multipliers: Sendable, Equatable {
  /// What embeddings are multiplied by.
  public var embedding = 1.0
  /// What a layer's attention and feed-forward are multiplied by before they are added.
  public var residual = 1.0
  /// What scores of queries and keys are multiplied by; nil for 1/√S.
  public var attention: Double?
  /// What logits are divided by.
  public var logitDivisor = 1.0
  /// c where scores become c · tanh(score / c) before the softmax (Gemma 2, arXiv 2408.00118); nil where they do not.
  public var attentionCap: Double?
  /// The same for logits.
  public var logitCap: Double?

  /// Llama's.
  public static let none = Multipliers()
}

extension Multipliers {
  /// Those of a `config.json`.
  init(_ fields: JSONFile, _ family: Family, hiddenSize: Int) throws {
    // Wider than any model's, and narrow enough that no product of some leaves float32.
    let range = 1e-6...1e6
    if family.hasMultipliers {
      embedding = try fields.double("embedding_multiplier", in: range) ?? 1
      residual = try fields.double("residual_multiplier", in: range) ?? 1
      attention = try fields.double("attention_multiplier", in: range) ?? 1
      logitDivisor = try fields.double("logits_scaling", in: range) ?? 1
    }
    if let gemma = family.gemma {
      embedding = Double(hiddenSize).squareRoot()
      attention = try 1 / (fields.double("query_pre_attn_scalar", in: range) ?? 256).squareRoot()
      func cap(_ key: String, _ fallback: Double?) throws -> Double? {
        fields.json[key] == nil ? fallback : try fields.double(key, in: range)
      }
      attentionCap = try cap("attn_logit_softcapping", gemma.attentionCap)
      logitCap = try cap("final_logit_softcapping", gemma.logitCap)
    }
  }
}
