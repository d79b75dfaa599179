/// Causal softmax attention on a packed batch, scores scaled by 1/√S, by the fastest kernels there are for the processor.
///
/// Shapes: a row of `qkv` (N rows) holds H query heads, K key heads and K value heads of size S; outputs are N×H·S,
/// log-sum-exps of the scores N×H. Segments are lists of parts: those that share a prefix, and the prefix itself as a part
/// of its own, belong to one segment.
public struct PackedAttention {
  let heads: Int
  let keyHeads: Int
  let headSize: Int

  /// Attention with these head counts; `heads` is a multiple of `keyHeads`.
  public init(heads: Int, keyHeads: Int, headSize: Int) {
    self.heads = heads
    self.keyHeads = keyHeads
    self.headSize = headSize
  }

  /// Returns the output of every row and the log-sum-exp of its scores.
  public func forward(_ qkv: Tensor, segments: [[AttentionPart]]) throws -> (output: Tensor, logSumExp: Tensor) {
    let output = try Tensor(uninitialized: [qkv.shape[0], heads * headSize])
    let logSumExp = try Tensor(uninitialized: [qkv.shape[0], heads])
    if Kernels.current.attendThemselves {
      try blocked.forward(qkv, segments: segments, output: output, logSumExp: logSumExp)
    } else {
      try flash.forward(qkv, segments: segments, output: output, logSumExp: logSumExp)
    }
    return (output, logSumExp)
  }

  /// Returns the gradient of `qkv` for the output's gradient `dOutput`.
  public func backward(
    _ dOutput: Tensor, qkv: Tensor, output: Tensor, logSumExp: Tensor, segments: [[AttentionPart]]
  ) throws -> Tensor {
    let dqkv = try Tensor(zeros: qkv.shape)
    if Kernels.current.attendThemselves {
      try blocked.backward(dOutput, qkv: qkv, output: output, logSumExp: logSumExp, segments: segments, into: dqkv)
    } else {
      try flash.backward(dOutput, qkv: qkv, output: output, logSumExp: logSumExp, segments: segments, into: dqkv)
    }
    return dqkv
  }

  package var blocked: BlockedAttention { BlockedAttention(heads: heads, keyHeads: keyHeads, headSize: headSize) }
  package var flash: FlashAttention { FlashAttention(queryHeads: heads, keyHeads: keyHeads, headSize: headSize) }
}
