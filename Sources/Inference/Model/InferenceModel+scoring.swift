import CKernels
import Foundation
import Torch

extension InferenceModel {
  /// The log-probability of each token but the first, given those before it.
  /// - Throws: `InferenceError` where the sequence is empty, longer than the context, or holds a token the model lacks, and
  ///   where the model's logits are not numbers.
  public func logProbabilities(of tokens: [Int32]) throws -> [Float] {
    try ContinuousBatch.check(ContinuousBatch.Request(prompt: tokens), for: config)
    let cache = try KeyValueCache(self, capacity: tokens.count)
    var scores: [Float] = []
    for start in stride(from: 0, to: tokens.count - 1, by: 256) {
      let piece = tokens[start..<min(start + 256, tokens.count - 1)]
      let logits = try forward(
        [SequencePiece(cache: cache, tokens: piece, length: tokens.count)], logitsOf: Array(0..<piece.count))
      let labels = Array(tokens[start + 1...start + piece.count])
      var (logSumExp, logProbability) = (
        [Float](repeating: 0, count: piece.count), [Float](repeating: 0, count: piece.count)
      )
      ck_log_probability_forward(
        logits.floats, labels, &logSumExp, &logProbability, Int64(config.vocabularySize), 0, Int64(piece.count))
      guard logSumExp.allSatisfy(\.isFinite) else { throw InferenceError.lostNumbers }
      scores += logProbability
    }
    return scores
  }

  /// exp of the mean negative log-probability of a sequence's tokens.
  public func perplexity(of tokens: [Int32]) throws -> Double {
    let scores = try logProbabilities(of: tokens)
    return exp(-scores.reduce(0) { $0 + Double($1) } / Double(max(1, scores.count)))
  }
}
