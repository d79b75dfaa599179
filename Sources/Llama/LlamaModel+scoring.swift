import CKernels
import Torch

extension LlamaModel {
  /// Log-probabilities of M scored tokens, and what their backward needs.
  public struct Scores {
    /// log p(token | what precedes it), M.
    public let logProbabilities: [Float]
    let rows: [Int32]
    let activations: VocabularyProjection.Activations
  }

  /// The length that the scores of sequences which share a prefix depend on, besides their tokens: that of the longest,
  /// where dynamic scaling turns them by it; else nil.
  public func rotaryLength(of sequences: [TokenSequence]) -> Int? { rotary.length(of: sequences) }

  /// Scores tokens by the hidden states (N×D) that predict them.
  public func score(_ tokens: [PackedBatch.ScoredToken], hidden: Tensor) throws -> Scores {
    let rows = tokens.map(\.row)
    let x = try RowSelection(rows: rows).gather(hidden)
    let (logProbabilities, activations) = try projection.forward(x, labels: tokens.map(\.label))
    return Scores(logProbabilities: logProbabilities.array, rows: rows, activations: activations)
  }

  /// Adds the gradients of the projection, and of the hidden states to `hiddenGradient` (N×D), for
  /// dLoss/dlogProbability = `coefficients`, one a scored token. The scores are used up.
  public func backward(_ coefficients: [Float], _ scores: Scores, addingTo hiddenGradient: Tensor) throws {
    let dx = try projection.backward(coefficients, activations: scores.activations)
    let (count, D) = (Int64(scores.rows.count), hiddenGradient.shape[1])
    // Divided by columns, since the last token of a shared prefix predicts the first of every continuation.
    try parallel(D, grain: 64) { columns in
      ck_scatter_add_rows(
        hiddenGradient.floats, scores.rows, dx.floats, count, Int64(D), Int64(columns.lowerBound),
        Int64(columns.upperBound))
    }
  }

  /// The logits of hidden states, N×V.
  public func logits(_ hidden: Tensor) throws -> Tensor { try projection.logits(hidden) }
}
