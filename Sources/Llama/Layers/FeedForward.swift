import CKernels
import ModelFiles
import Torch

/// y = (σ(x · Gᵀ) ⊙ (x · Uᵀ)) · Eᵀ: SwiGLU where σ is silu, GeGLU where it is GELU (Shazeer 2020, arXiv 2002.05202).
///
/// Shapes: x and y are N×D; the hidden layer is N×F; gate G and up U are one 2F×D matrix.
struct FeedForward {
  let gateUp: Linear
  let down: Linear
  let activation: Family.Activation

  /// Returns y and the inputs of the activation, N×2F, which the backward needs.
  func forward(_ x: Tensor) throws -> (y: Tensor, gateUp: Tensor) {
    let gateUp = try gateUp.forward(x)
    return (try output(gateUp), gateUp)
  }

  /// y by the inputs of the activation.
  func output(_ gateUp: Tensor) throws -> Tensor { try down.forward(activation.forward(gateUp)) }

  /// Adds the gradients of the weights for the output's gradient `dy` and returns dx. `gateUp` is overwritten.
  func backward(_ dy: Tensor, x: Tensor, gateUp: Tensor) throws -> Tensor {
    let dh = try down.backward(dy, x: activation.forward(gateUp))
    try activation.backward(gateUp, dh)
    return try self.gateUp.backward(gateUp, x: x)
  }
}

extension Family.Activation {
  /// σ(gate) ⊙ up, N×F.
  func forward(_ gateUp: Tensor) throws -> Tensor {
    let h = try Tensor(uninitialized: [gateUp.shape[0], gateUp.shape[1] / 2])
    try forward(gateUp, into: h)
    return h
  }

  /// The same into memory that is there.
  package func forward(_ gateUp: Tensor, into h: Tensor) throws {
    let kernel = self == .silu ? ck_swiglu_forward : ck_geglu_forward
    try parallel(h.shape[0], grain: 8) { rows in
      kernel(gateUp.floats, h.floats, Int64(h.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }

  /// Turns gate and up into their gradients, in place, for that of what is made of them.
  func backward(_ gateUp: Tensor, _ dh: Tensor) throws {
    let kernel = self == .silu ? ck_swiglu_backward : ck_geglu_backward
    try parallel(dh.shape[0], grain: 8) { rows in
      kernel(gateUp.floats, dh.floats, Int64(dh.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }
}
