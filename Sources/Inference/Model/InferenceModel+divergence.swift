import CKernels
import Foundation
import Torch

extension InferenceModel {
  /// How differently another model goes on after each token of a sequence: KL(p ‖ q) = Σ p (log p − log q), in nats, of this
  /// model's distribution p of the next token and the other's q.
  /// - Parameter start: the place of the first token whose distributions are compared, at least 1; all later ones follow.
  /// - Throws: `InferenceError` where one of the models cannot read the sequence, or where they have other vocabularies.
  public func divergences(from other: InferenceModel, of tokens: [Int32], from start: Int = 1) throws -> [Double] {
    guard config.vocabularySize == other.config.vocabularySize else {
      throw InferenceError(
        "models of \(config.vocabularySize) and \(other.config.vocabularySize) tokens cannot be compared")
    }
    for model in [self, other] { try ContinuousBatch.check(ContinuousBatch.Request(prompt: tokens), for: model.config) }
    let caches = try [self, other].map { try KeyValueCache($0, capacity: tokens.count) }
    var divergences: [Double] = []
    for first in stride(from: 0, to: tokens.count - 1, by: 256) {
      let piece = tokens[first..<min(first + 256, tokens.count - 1)]
      let rows = (0..<piece.count).filter { first + $0 + 1 >= start }
      let logits = try zip([self, other], caches).map { model, cache in
        try model.forward([SequencePiece(cache: cache, tokens: piece, length: tokens.count)], logitsOf: rows)
      }
      for row in rows.indices {
        try divergences.append(divergence(logits[0].floats, logits[1].floats, row * config.vocabularySize))
      }
    }
    return divergences
  }

  private func divergence(_ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ offset: Int) throws -> Double {
    let (p, q, count) = (p + offset, q + offset, config.vocabularySize)
    let (logP, logQ) = (ck_log_sum_exp(p, Int64(count)), ck_log_sum_exp(q, Int64(count)))
    guard logP.isFinite, logQ.isFinite else { throw InferenceError.lostNumbers }
    var sum = 0.0
    for token in 0..<count {
      let log = p[token] - logP
      let share = exp(log)
      // What never comes counts nothing.
      if share > 0 { sum += Double(share) * Double(log - (q[token] - logQ)) }
    }
    return sum
  }
}
