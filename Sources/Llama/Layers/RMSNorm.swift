import CKernels
import Torch

/// y = x / √(mean(x²) + ε) · w, row by row (Zhang & Sennrich 2019, arXiv 1910.07467).
///
/// Shapes: x and y are N×D, w is D.
struct RMSNorm {
  let weight: Parameter
  let epsilon: Float

  /// Returns y and each row's 1 / √(mean(x²) + ε), which the backward needs.
  func forward(_ x: Tensor) throws -> (y: Tensor, scale: Tensor) {
    let y = try Tensor(uninitialized: x.shape)
    let scale = try Tensor(uninitialized: [x.shape[0]])
    try parallel(x.shape[0], grain: 16) { rows in
      ck_rms_norm_forward(
        x.floats, weight.value.floats, y.floats, scale.floats, Int64(x.shape[1]), epsilon, Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    return (y, scale)
  }

  /// Adds the gradient of w, where it trains, and the gradient of x to `dx`, for the output's gradient `dy`.
  func backward(_ dy: Tensor, x: Tensor, scale: Tensor, addingTo dx: Tensor) throws {
    let (N, D) = (Int64(x.shape[0]), Int64(x.shape[1]))
    try parallel(x.shape[0], grain: 16) { rows in
      ck_rms_norm_backward_input(
        x.floats, weight.value.floats, scale.floats, dy.floats, dx.floats, D, Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    guard let dw = weight.gradient else { return }
    try parallel(x.shape[1], grain: 64) { columns in
      ck_rms_norm_backward_weight(
        x.floats, scale.floats, dy.floats, dw.floats, N, D, Int64(columns.lowerBound), Int64(columns.upperBound))
    }
  }
}
