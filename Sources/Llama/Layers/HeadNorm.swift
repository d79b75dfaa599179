import CKernels
import Torch

/// y = x / √(mean(x²) + ε) · w for each head by itself, in place: the norms of queries and keys (Henry et al. 2020,
/// arXiv 2010.04245; with a weight, as Qwen3 has them).
///
/// A row of `qkv` holds heads of size S, one after the other; this norm is of some of them. Shapes: w is S.
struct HeadNorm {
  let weight: Parameter
  let epsilon: Float
  /// The first head that is normalized, and how many are.
  let firstHead: Int
  let heads: Int

  /// What the backward needs.
  struct Activations {
    /// The heads before, N×heads·S.
    let x: Tensor
    /// 1 / √(mean(x²) + ε), N×heads.
    let scale: Tensor
  }

  /// Normalizes the heads in place, and returns what the backward needs.
  func forward(_ qkv: Tensor) throws -> Activations {
    let (N, S) = (qkv.shape[0], weight.value.count)
    let kept = Activations(
      x: try Tensor(uninitialized: [N, heads * S]), scale: try Tensor(uninitialized: [N, heads]))
    try parallel(N, grain: 16) { rows in
      ck_head_norm_forward(
        qkv.floats + firstHead * S, weight.value.floats, kept.x.floats, kept.scale.floats, Int64(qkv.shape[1]),
        Int64(heads), Int64(S), epsilon, Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return kept
  }

  /// Adds the gradient of w, where it trains, and turns the gradient of the heads after the norm into that of the heads before, in place.
  func backward(_ dqkv: Tensor, activations: Activations) throws {
    let (N, S) = (dqkv.shape[0], weight.value.count)
    let gradient = dqkv.floats + firstHead * S
    if let dw = weight.gradient {
      try parallel(S, grain: 16) { columns in
        ck_head_norm_backward_weight(
          activations.x.floats, activations.scale.floats, gradient, dw.floats, Int64(dqkv.shape[1]), Int64(N),
          Int64(heads), Int64(S), Int64(columns.lowerBound), Int64(columns.upperBound))
      }
    }
    try parallel(N, grain: 16) { rows in
      ck_head_norm_backward_input(
        activations.x.floats, weight.value.floats, activations.scale.floats, gradient, Int64(dqkv.shape[1]),
        Int64(heads), Int64(S), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }
}
