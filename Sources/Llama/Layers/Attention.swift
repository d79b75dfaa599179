import CKernels
import Torch

/// Causal self-attention with rotary positions and grouped queries (Ainslie et al. 2023, arXiv 2305.13245), on a packed
/// batch whose segments never see one another.
///
/// Shapes: x and y are N×D. A row of `qkv` holds H query heads, K key heads and K value heads of size S.
struct Attention {
  let queryKeyValue: Linear
  let output: Linear
  let heads: Int
  let keyHeads: Int
  let headSize: Int

  /// What the backward needs.
  struct Activations {
    /// Rotated queries and keys, and values: N×(H+2K)·S.
    let qkv: Tensor
    /// The weighted values, N×H·S.
    let attended: Tensor
    /// The log-sum-exp of each query's scores, N×H.
    let logSumExp: Tensor
  }

  /// Returns y and what the backward needs.
  func forward(_ x: Tensor, batch: PackedBatch, angles: RotaryAngles) throws -> (y: Tensor, Activations) {
    let qkv = try queryKeyValue.forward(x)
    try angles.rotate(qkv, heads: heads + keyHeads, headSize: headSize, direction: 1)
    let attended = try Tensor(uninitialized: [x.shape[0], heads * headSize])
    let logSumExp = try Tensor(uninitialized: [x.shape[0], heads])
    for segment in batch.segments {
      try attend(segment, qkv: qkv, attended: attended, logSumExp: logSumExp)
    }
    let y = try output.forward(attended)
    return (y, Activations(qkv: qkv, attended: attended, logSumExp: logSumExp))
  }

  /// Adds the gradients of the weights for the output's gradient `dy` and returns dx.
  func backward(
    _ dy: Tensor, x: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles
  ) throws -> Tensor {
    let dAttended = try output.backward(dy, x: activations.attended)
    let dqkv = try Tensor(zeros: activations.qkv.shape)
    for segment in batch.segments {
      for block in segment.blocks {
        try flash.backward(
          outputGradient: dAttended.rows(block.queries), query: query(activations.qkv, block.queries),
          key: key(activations.qkv, block.keys), value: value(activations.qkv, block.keys),
          output: activations.attended.rows(block.queries), logSumExp: activations.logSumExp.rows(block.queries),
          isCausal: block.isCausal, queryGradient: query(dqkv, block.queries), keyGradient: key(dqkv, block.keys),
          valueGradient: value(dqkv, block.keys))
      }
    }
    try angles.rotate(dqkv, heads: heads + keyHeads, headSize: headSize, direction: -1)
    return try queryKeyValue.backward(dqkv, x: x)
  }

  /// The queries of a segment attend to their block's keys; where a query has two blocks, the prefix and its own
  /// continuation, the two results are merged by their log-sum-exps.
  private func attend(_ segment: PackedBatch.Segment, qkv: Tensor, attended: Tensor, logSumExp: Tensor) throws {
    for block in segment.blocks {
      let merges = block.isOfSharedPrefix
      let out =
        merges ? try Tensor(uninitialized: [block.queries.count, heads * headSize]) : attended.rows(block.queries)
      let lse = merges ? try Tensor(uninitialized: [block.queries.count, heads]) : logSumExp.rows(block.queries)
      try flash.forward(
        query: query(qkv, block.queries), key: key(qkv, block.keys), value: value(qkv, block.keys),
        isCausal: block.isCausal, output: out, logSumExp: lse)
      guard merges else { continue }
      let (whole, wholeLSE) = (attended.rows(block.queries), logSumExp.rows(block.queries))
      try parallel(block.queries.count, grain: 64) { rows in
        ck_merge_attention(
          whole.floats, wholeLSE.floats, out.floats, lse.floats, Int64(heads), Int64(headSize), Int64(rows.lowerBound),
          Int64(rows.upperBound))
      }
    }
  }

  private var flash: FlashAttention { FlashAttention(queryHeads: heads, keyHeads: keyHeads, headSize: headSize) }

  private func query(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor { part(qkv, rows, from: 0, heads: heads) }
  private func key(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor { part(qkv, rows, from: heads, heads: keyHeads) }
  private func value(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor {
    part(qkv, rows, from: heads + keyHeads, heads: keyHeads)
  }

  private func part(_ qkv: Tensor, _ rows: Range<Int>, from head: Int, heads: Int) -> Tensor {
    let width = qkv.shape[1]
    return qkv.view(
      from: rows.lowerBound * width + head * headSize, shape: [rows.count, heads, headSize],
      strides: [width, headSize, 1])
  }
}
