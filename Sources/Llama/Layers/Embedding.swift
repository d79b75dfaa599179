import CKernels
import Torch

/// y[n] = s · E[token n]: the vectors of the tokens, in some families multiplied by a scale.
///
/// Shapes: E is V×D, y is N×D.
struct Embedding {
  let weight: Weight
  let scale: Float

  /// The vectors of N tokens, each in 0..<V.
  func forward(_ tokens: [Int32]) throws -> Tensor {
    let y = try weight.gather(tokens)
    try y.multiply(by: scale)
    return y
  }

  /// Adds the gradient of E, where it trains, for the output's gradient `dy`, which is used up.
  func backward(_ dy: Tensor, tokens: [Int32]) throws {
    guard let dE = weight.gradient else { return }
    try dy.multiply(by: scale)
    let D = dy.shape[1]
    // Divided by columns, since two tokens may be the same row.
    try parallel(D, grain: 64) { columns in
      ck_scatter_add_rows(
        dE.floats, tokens, dy.floats, Int64(tokens.count), Int64(D), Int64(columns.lowerBound),
        Int64(columns.upperBound))
    }
  }
}

extension Tensor {
  /// Multiplies every number, in place.
  package func multiply(by factor: Float) throws {
    guard factor != 1 else { return }
    try parallel(count, grain: 1 << 14) { range in
      ck_scale(floats, factor, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
