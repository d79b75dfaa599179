import CKernels
import Torch

/// A piece of a prompt whose tokens are scored.
struct ScoredPiece {
  let sequence: BatchedSequence
  /// The tokens that are read; each but the prompt's last tells the score of the one after it.
  let tokens: ArraySlice<Int32>
  /// The row of the first.
  let row: Int

  /// The places in the prompt of the tokens whose scores come of it.
  var places: Range<Int> { tokens.startIndex + 1..<min(tokens.endIndex + 1, sequence.request.prompt.count) }
  /// The rows of their logits.
  var rows: Range<Int> { row..<row + places.count }
}

extension ContinuousBatch {
  /// The scores of prompts' tokens by the logits from row `first` on.
  func score(_ pieces: [ScoredPiece], _ logits: Tensor, from first: Int) -> [Event] {
    let V = model.config.vocabularySize
    var row = first
    return pieces.map { piece in
      let request = piece.sequence.request
      let tokens = piece.places.map { place in
        let numbers = UnsafeMutableBufferPointer(start: logits.floats + row * V, count: V)
        row += 1
        let logSumExp = ck_log_sum_exp(logits.floats + (row - 1) * V, Int64(V))
        let id = request.prompt[place]
        return GeneratedToken(
          id: id, logProbability: numbers[Int(id)] - logSumExp,
          alternatives: Self.alternatives(request.alternatives, numbers, logSumExp))
      }
      return .prompt(piece.sequence.id, tokens)
    }
  }
}
