import Llama
import Torch

/// The log-probabilities of a group of scored tokens, with as many of their logits as may be held at once.
///
/// A pair's loss needs all of its log-probabilities before the first logit's gradient can be said. Logits that are held serve
/// the backward too; only those beyond the bound are computed again there.
final class ChunkedScores {
  /// One a token.
  let logProbabilities: [Float]

  private let model: LlamaModel
  private let tokens: [PackedBatch.ScoredToken]
  private let hidden: Tensor
  private let chunks: [Range<Int>]
  /// The scores of the first chunk and of the last, by the chunk's place.
  private var held: [Int: LlamaModel.Scores] = [:]

  /// Scores tokens by the hidden states that predict them, with at most `logitRows` rows of logits at any time.
  init(model: LlamaModel, tokens: [PackedBatch.ScoredToken], hidden: Tensor, logitRows: Int) throws {
    (self.model, self.tokens, self.hidden) = (model, tokens, hidden)
    chunks = Self.chunks(tokens.count, logitRows: logitRows)
    var logProbabilities: [Float] = []
    for (index, chunk) in chunks.enumerated() {
      if index > 1 { held[index - 1] = nil }
      let scores = try model.score(Array(tokens[chunk]), hidden: hidden)
      logProbabilities += scores.logProbabilities
      held[index] = scores
    }
    self.logProbabilities = logProbabilities
  }

  /// Adds the gradients for dLoss/dlogProbability = `coefficients`, of the parameters, and of the hidden states to
  /// `hiddenGradient`. To be called once.
  func backward(_ coefficients: [Float], addingTo hiddenGradient: Tensor) throws {
    for (index, chunk) in chunks.enumerated() {
      let scores = try held.removeValue(forKey: index) ?? model.score(Array(tokens[chunk]), hidden: hidden)
      try model.backward(Array(coefficients[chunk]), scores, addingTo: hiddenGradient)
    }
  }

  /// One chunk where all fits; otherwise a first one of three quarters of the bound, and the rest in quarters.
  static func chunks(_ count: Int, logitRows: Int) -> [Range<Int>] {
    guard count > logitRows else { return [0..<count] }
    let quarter = max(1, logitRows / 4)
    let first = max(1, logitRows - quarter)
    return [0..<first] + (first..<count).chunks(of: quarter)
  }
}
