import Torch

/// Causal self-attention, with rotary positions where there are angles, and grouped queries (Ainslie et al. 2023, arXiv 2305.13245), on a packed
/// batch whose segments never see one another.
///
/// Shapes: x and y are N×D. A row of `qkv` holds H query heads, K key heads and K value heads of size S.
struct Attention {
  let queryKeyValue: Linear
  /// The norms of queries' and keys' heads, where there are such.
  let headNorms: [HeadNorm]
  let output: Linear
  let heads: Int
  let keyHeads: Int
  let headSize: Int
  let scores: AttentionScores

  /// What the backward needs.
  struct Activations {
    /// Rotated queries and keys, and values: N×(H+2K)·S.
    let qkv: Tensor
    /// What the norms of heads keep.
    let norms: [HeadNorm.Activations]
    /// The weighted values, N×H·S.
    let attended: Tensor
    /// The log-sum-exp of each query's scores, N×H.
    let logSumExp: Tensor
  }

  /// Returns y, of some rows where they are selected, and what the backward needs.
  func forward(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles?, rows: RowSelection?
  ) throws -> (y: Tensor, Activations) {
    let qkv = try queryKeyValue.forward(x)
    let norms = try headNorms.map { try $0.forward(qkv) }
    try angles?.rotate(qkv, heads: heads + keyHeads, headSize: headSize, direction: 1)
    let (attended, logSumExp) = try attention.forward(qkv, segments: batch.attentionSegments)
    let y = try output.forward(rows?.gather(attended) ?? attended)
    return (y, Activations(qkv: qkv, norms: norms, attended: attended, logSumExp: logSumExp))
  }

  /// Adds the gradients of the weights for the output's gradient `dy` and returns dx, of all rows.
  func backward(
    _ dy: Tensor, x: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles?, rows: RowSelection?
  ) throws -> Tensor {
    let attended = activations.attended
    var dAttended = try output.backward(dy, x: rows?.gather(attended) ?? attended)
    if let rows { dAttended = try rows.scatter(dAttended, over: attended.shape[0]) }
    let dqkv = try attention.backward(
      dAttended, qkv: activations.qkv, output: activations.attended, logSumExp: activations.logSumExp,
      segments: batch.attentionSegments)
    try angles?.rotate(dqkv, heads: heads + keyHeads, headSize: headSize, direction: -1)
    for (norm, kept) in zip(headNorms, activations.norms) { try norm.backward(dqkv, activations: kept) }
    return try queryKeyValue.backward(dqkv, x: x)
  }

  private var attention: PackedAttention {
    PackedAttention(heads: heads, keyHeads: keyHeads, headSize: headSize, scores: scores)
  }
}
