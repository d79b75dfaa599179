import CKernels
import Torch

/// log p(token | what precedes it) for each scored token: the projection to the vocabulary as a head.
public struct VocabularyHead: Head {
  var projection: VocabularyProjection
  /// Whether anything trains whose gradient comes by way of the hidden states.
  let reachesHidden: Bool
  /// The name of a column for log Σp² over the vocabulary, where that is wanted beside each log-probability.
  var sumOfSquares: String?
  /// The name of a column for the entropy over the vocabulary, likewise.
  var entropy: String?

  /// The number of its scored tokens.
  public func placeCount(of sequence: TokenSequence) -> Int { sequence.scoredCount }

  /// The tokens before the scored ones.
  public func places(in batch: PackedBatch) -> [[PackedBatch.Place]] { batch.scored }

  /// The log-probabilities of the tokens that follow.
  public func forward(_ places: [PackedBatch.Place], hidden: Tensor) throws -> HeadOutput {
    let rows = places.map(\.row)
    let x = try RowSelection(rows: rows).gather(hidden)
    let (logProbabilities, activations) = try projection.forward(x, labels: places.map(\.next))
    var beside: [String: [Float]] = [:]
    if let sumOfSquares { beside[sumOfSquares] = try projection.logSumOfSquares(activations).array }
    if let entropy { beside[entropy] = try projection.entropy(activations).array }
    return HeadOutput(values: logProbabilities.array, beside: beside) { slopes, hiddenGradient in
      guard let dx = try projection.backward(slopes, activations: activations, ofInput: reachesHidden) else { return }
      let (count, D) = (Int64(rows.count), hiddenGradient.shape[1])
      // Divided by columns, since the last token of a shared prefix predicts the first of every continuation.
      try parallel(D, grain: 64) { columns in
        ck_scatter_add_rows(
          hiddenGradient.floats, rows, dx.floats, count, Int64(D), Int64(columns.lowerBound),
          Int64(columns.upperBound))
      }
    }
  }
}

extension LlamaModel {
  /// The model's own projection to the vocabulary.
  public var vocabularyHead: VocabularyHead { VocabularyHead(projection: projection, reachesHidden: trainsBelowHead) }

  /// The same, with log Σp² over the vocabulary beside each log-probability, in a column of that name.
  public func vocabularyHead(sumOfSquares column: String) -> VocabularyHead {
    var head = vocabularyHead
    head.sumOfSquares = column
    return head
  }

  /// The model's own projection with its logits divided by a temperature, as where answers are sampled from it:
  /// log-probabilities, their gradients and entropies are those at that temperature.
  /// - Parameters:
  ///   - temperature: greater than 0. TRL's PPO adds 1e-7 to its own.
  ///   - column: the name of a column for the entropy of each place in nats, where that is wanted.
  public func vocabularyHead(temperature: Float, entropy column: String? = nil) -> VocabularyHead {
    precondition(temperature > 0, "logits are divided by a temperature greater than 0")
    var head = vocabularyHead
    head.projection.temperature = temperature
    head.entropy = column
    return head
  }
}
