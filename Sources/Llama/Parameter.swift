import Torch

/// A tensor of the model, and the tensor of the same shape that its gradient accumulates in.
///
/// Both are views into the flat blocks of `Parameters`.
struct Parameter {
  let value: Tensor
  /// Absent where it is frozen: nobody computes the gradient then.
  let gradient: Tensor?
}
