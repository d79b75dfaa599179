import CKernels
import Torch

/// y = (silu(x · Gᵀ) ⊙ (x · Uᵀ)) · Eᵀ: SwiGLU (Shazeer 2020, arXiv 2002.05202).
///
/// Shapes: x and y are N×D; the hidden layer is N×F; gate G and up U are one 2F×D matrix.
struct FeedForward {
  let gateUp: Linear
  let down: Linear

  /// Returns y and the inputs of the activation, N×2F, which the backward needs.
  func forward(_ x: Tensor) throws -> (y: Tensor, gateUp: Tensor) {
    let gateUp = try gateUp.forward(x)
    return (try down.forward(activation(gateUp)), gateUp)
  }

  /// Adds the gradients of the weights for the output's gradient `dy` and returns dx. `gateUp` is overwritten.
  func backward(_ dy: Tensor, x: Tensor, gateUp: Tensor) throws -> Tensor {
    let dh = try down.backward(dy, x: activation(gateUp))
    try parallel(dh.shape[0], grain: 8) { rows in
      ck_swiglu_backward(
        gateUp.floats, dh.floats, Int64(dh.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return try self.gateUp.backward(gateUp, x: x)
  }

  /// silu(gate) ⊙ up, N×F.
  private func activation(_ gateUp: Tensor) throws -> Tensor {
    let h = try Tensor(uninitialized: [gateUp.shape[0], gateUp.shape[1] / 2])
    try parallel(h.shape[0], grain: 8) { rows in
      ck_swiglu_forward(
        gateUp.floats, h.floats, Int64(h.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return h
  }
}
