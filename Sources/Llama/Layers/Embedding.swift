import CKernels
import Torch

/// y[n] = E[token n]: the vectors of the tokens.
///
/// Shapes: E is V×D, y is N×D.
struct Embedding {
  let weight: Weight

  /// The vectors of N tokens, each in 0..<V.
  func forward(_ tokens: [Int32]) throws -> Tensor {
    try weight.gather(tokens)
  }

  /// Adds the gradient of E, where it trains, for the output's gradient `dy`.
  func backward(_ dy: Tensor, tokens: [Int32]) throws {
    guard let dE = weight.gradient else { return }
    let D = dy.shape[1]
    // Divided by columns, since two tokens may be the same row.
    try parallel(D, grain: 64) { columns in
      ck_scatter_add_rows(
        dE.floats, tokens, dy.floats, Int64(tokens.count), Int64(D), Int64(columns.lowerBound),
        Int64(columns.upperBound))
    }
  }
}
