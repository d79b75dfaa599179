import CKernels
import Torch

/// One number a place, h · w: the reward of a text, read at its last token, or the value of each place before a scored token.
///
/// The score has no bias, as in transformers' `…ForSequenceClassification`. Products are summed in double precision, so that a
/// number does not depend on what else is in the batch.
public struct ScoreHead: Head {
  /// Which places have a number.
  public enum Reading: Sendable {
    /// A sequence's last token, whose hidden state has seen all of it.
    case lastToken
    /// The tokens before the scored ones.
    case beforeScored
    /// The same, and a sequence's last token: what is still to come after the answer, where TRL's PPO puts its score.
    case beforeScoredAndLast
  }

  /// 1×D.
  let weight: Parameter
  let reading: Reading
  /// Whether anything trains whose gradient comes by way of the hidden states.
  let reachesHidden: Bool

  /// One, the number of scored tokens, or one more.
  public func placeCount(of sequence: TokenSequence) -> Int {
    switch reading {
    case .lastToken: 1
    case .beforeScored: sequence.scoredCount
    case .beforeScoredAndLast: sequence.scoredCount + 1
    }
  }

  /// The last token of each sequence, the tokens before the scored ones, or both.
  public func places(in batch: PackedBatch) -> [[PackedBatch.Place]] {
    switch reading {
    case .lastToken: batch.last.map { [$0] }
    case .beforeScored: batch.scored
    case .beforeScoredAndLast: zip(batch.scored, batch.last).map { $0 + [$1] }
    }
  }

  /// The scores.
  public func forward(_ places: [PackedBatch.Place], hidden: Tensor) throws -> HeadOutput {
    let rows = places.map(\.row)
    let (x, D) = (try RowSelection(rows: rows).gather(hidden), hidden.shape[1])
    let scores = try Tensor(uninitialized: [rows.count])
    let w = weight.value.floats
    try parallel(rows.count, grain: 64) { range in
      for index in range {
        let h = x.floats + index * D
        scores.floats[index] = Float((0..<D).reduce(0.0) { $0 + Double(h[$1]) * Double(w[$1]) })
      }
    }
    return HeadOutput(values: scores.array) { slopes, hiddenGradient in
      // Divided by columns, since several texts may end at one token.
      try parallel(D, grain: 64) { columns in
        var sums = [Double](repeating: 0, count: columns.count)
        for (index, (row, slope)) in zip(rows, slopes).enumerated() {
          let (h, dh) = (x.floats + index * D, hiddenGradient.floats + Int(row) * D)
          for column in columns {
            sums[column - columns.lowerBound] += Double(slope) * Double(h[column])
            if reachesHidden { dh[column] += slope * w[column] }
          }
        }
        guard let gradient = weight.gradient else { return }
        for column in columns { gradient.floats[column] += Float(sums[column - columns.lowerBound]) }
      }
    }
  }
}

extension LlamaModel {
  /// The model's own score, of texts or of places.
  /// - Throws: `LlamaError` where the model has none, or one of several numbers.
  public func scoreHead(reading: ScoreHead.Reading = .lastToken) throws -> ScoreHead {
    guard let score, score.value.shape[0] == 1 else {
      throw LlamaError("the model has no head that makes one number; it is no reward model")
    }
    return ScoreHead(weight: score, reading: reading, reachesHidden: trainsBelowHead)
  }
}
