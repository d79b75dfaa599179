import CKernels
import Torch

/// y = x / √(mean(x²) + ε) · w, row by row (Zhang & Sennrich 2019, arXiv 1910.07467). In Gemma w is a weight and 1.
///
/// Shapes: x and y are N×D, w is D.
struct RMSNorm {
  let weight: NormWeight
  let epsilon: Float

  /// Returns y and each row's 1 / √(mean(x²) + ε), which the backward needs.
  func forward(_ x: Tensor) throws -> (y: Tensor, scale: Tensor) {
    let y = try Tensor(uninitialized: x.shape)
    let (scale, w) = (try Tensor(uninitialized: [x.shape[0]]), try weight.factors())
    try parallel(x.shape[0], grain: 16) { rows in
      ck_rms_norm_forward(
        x.floats, w.floats, y.floats, scale.floats, Int64(x.shape[1]), epsilon, Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    return (y, scale)
  }

  /// Adds the gradient of w, where it trains, and the gradient of x to `dx`, for the output's gradient `dy`.
  func backward(_ dy: Tensor, x: Tensor, scale: Tensor, addingTo dx: Tensor) throws {
    let (N, D, w) = (Int64(x.shape[0]), Int64(x.shape[1]), try weight.factors())
    try parallel(x.shape[0], grain: 16) { rows in
      ck_rms_norm_backward_input(
        x.floats, w.floats, scale.floats, dy.floats, dx.floats, D, Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    guard let dw = weight.gradient else { return }
    try parallel(x.shape[1], grain: 64) { columns in
      ck_rms_norm_backward_weight(
        x.floats, scale.floats, dy.floats, dw.floats, N, D, Int64(columns.lowerBound), Int64(columns.upperBound))
    }
  }
}

/// A norm's weight, and what is added to it: 1 in Gemma, whose weights begin at zero.
struct NormWeight {
  let parameter: Parameter
  let offset: Float

  /// The gradient of the weight, which is that of the factors too; nil where it is frozen.
  var gradient: Tensor? { parameter.gradient }

  /// What rows are multiplied by.
  func factors() throws -> Tensor { try normFactors(parameter.value, offset: offset) }
}

/// A norm's weights with what is added to them; the weights themselves where that is nothing.
package func normFactors(_ weight: Tensor, offset: Float) throws -> Tensor {
  guard offset != 0 else { return weight }
  let factors = try Tensor(uninitialized: weight.shape)
  for index in 0..<weight.count { factors.floats[index] = offset + weight.floats[index] }
  return factors
}
