import CKernels
import Torch

/// y = x / √(mean(x²) + ε) · w for some runs of a row's numbers, each by itself, in place: the norms of queries and keys
/// (Henry et al. 2020, arXiv 2010.04245; with a weight). A run is a head (Qwen 3, Gemma 3), or all queries or keys (OLMo 2).
///
/// A row of `qkv` holds heads one after the other; this norm is of some of them. Shapes: w is S, the size of a run.
struct HeadNorm {
  let weight: NormWeight
  let epsilon: Float
  /// Where in a row the first run begins, and how many there are.
  let start: Int
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
    let (N, S) = (qkv.shape[0], weight.parameter.value.count)
    let w = try weight.factors()
    let kept = Activations(
      x: try Tensor(uninitialized: [N, heads * S]), scale: try Tensor(uninitialized: [N, heads]))
    try parallel(N, grain: 16) { rows in
      ck_head_norm_forward(
        qkv.floats + start, w.floats, kept.x.floats, kept.scale.floats, Int64(qkv.shape[1]),
        Int64(heads), Int64(S), epsilon, Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return kept
  }

  /// Adds the gradient of w, where it trains, and turns the gradient of the heads after the norm into that of the heads before, in place.
  func backward(_ dqkv: Tensor, activations: Activations) throws {
    let (N, S, w) = (dqkv.shape[0], weight.parameter.value.count, try weight.factors())
    let gradient = dqkv.floats + start
    if let dw = weight.gradient {
      try parallel(S, grain: 16) { columns in
        ck_head_norm_backward_weight(
          activations.x.floats, activations.scale.floats, gradient, dw.floats, Int64(dqkv.shape[1]), Int64(N),
          Int64(heads), Int64(S), Int64(columns.lowerBound), Int64(columns.upperBound))
      }
    }
    try parallel(N, grain: 16) { rows in
      ck_head_norm_backward_input(
        activations.x.floats, w.floats, activations.scale.floats, gradient, Int64(dqkv.shape[1]),
        Int64(heads), Int64(S), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }
}
