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
  var places: Range<Int> {
    // What was told by older weights is not told again.
    let first = max(tokens.startIndex + 1, sequence.toldPlaces)
    return first..<max(first, min(tokens.endIndex + 1, sequence.request.prompt.count))
  }
  /// The rows of their logits.
  var rows: Range<Int> {
    let first = row + places.lowerBound - tokens.startIndex - 1
    return first..<first + places.count
  }
}

extension ContinuousBatch {
  /// The scores of prompts' tokens by the logits from row `first` on.
  func score(_ pieces: [ScoredPiece], _ logits: Tensor, from first: Int) throws(InferenceError) -> [Event] {
    let V = model.config.vocabularySize
    var row = first
    return try pieces.map { piece throws(InferenceError) in
      let (request, end) = (piece.sequence.request, piece.places.upperBound)
      let tokens = try piece.places.map { place throws(InferenceError) in
        let numbers = UnsafeMutableBufferPointer(start: logits.floats + row * V, count: V)
        row += 1
        let logSumExp = ck_log_sum_exp(logits.floats + (row - 1) * V, Int64(V))
        guard logSumExp.isFinite else { throw .lostNumbers }
        let id = request.prompt[place]
        return GeneratedToken(
          id: id, logProbability: numbers[Int(id)] - logSumExp,
          alternatives: Self.alternatives(request.alternatives, numbers, logSumExp))
      }
      piece.sequence.toldPlaces = max(piece.sequence.toldPlaces, end)
      return .prompt(piece.sequence.id, tokens)
    }
  }
}
