import Torch
import Wording

/// A trained tensor, and the tensor of the same shape that its gradient accumulates in.
///
/// Both are views into the flat blocks of `Parameters`.
struct Parameter {
  let value: Tensor
  /// Absent where the model only answers.
  let gradient: Tensor?

  /// The gradient of a model that trains.
  var accumulator: Tensor {
    get throws {
      guard let gradient else { throw LlamaError("the model was loaded without room for gradients") }
      return gradient
    }
  }
}
