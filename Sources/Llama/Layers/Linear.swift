import CKernels
import Torch

/// y = x · Wᵀ + b, and what an adapter adds to it.
///
/// Shapes: x is N×in, W is out×in, b is out, y is N×out.
struct Linear {
  let weight: Weight
  let bias: Parameter?
  let adapter: LowRankUpdate?
  /// What the products are computed in.
  let dtype: DType

  /// y = x · Wᵀ + b.
  func forward(_ x: Tensor) throws -> Tensor {
    let y = try weight.multiply(x, dtype: dtype)
    if let bias {
      try parallel(y.shape[0], grain: 64) { rows in
        ck_add_bias(y.floats, bias.value.floats, Int64(y.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
      }
    }
    try adapter?.add(to: y, x)
    return y
  }

  /// Adds the gradients of W and b, where they train, for the output's gradient `dy`: dW += dyᵀ · x, db += Σ dy. Returns
  /// dx = dy · W. The input `x` is asked for only where a gradient needs it.
  func backward(_ dy: Tensor, x: @autoclosure () throws -> Tensor) throws -> Tensor {
    if let dW = weight.gradient { try multiply(dy.transposed, x(), into: dW, accumulating: true, dtype: dtype) }
    if let db = bias?.gradient {
      try parallel(dy.shape[1], grain: 64) { columns in
        ck_bias_backward(
          dy.floats, db.floats, Int64(dy.shape[0]), Int64(dy.shape[1]), Int64(columns.lowerBound),
          Int64(columns.upperBound))
      }
    }
    let dx = try weight.multiply(gradient: dy, dtype: dtype)
    try adapter?.backward(dy, x: x, addingTo: dx)
    return dx
  }
}
