/// Causal softmax attention on a packed batch, by the fastest kernels there are for the processor.
///
/// Shapes: a row of `qkv` (N rows) holds H query heads, K key heads and K value heads of size S; outputs are N×H·S,
/// log-sum-exps of the scores N×H. Segments are lists of parts: those that share a prefix, and the prefix itself as a part
/// of its own, belong to one segment.
public struct PackedAttention {
  let heads: Int
  let keyHeads: Int
  let headSize: Int
  let scores: AttentionScores

  /// Attention with these head counts; `heads` is a multiple of `keyHeads`.
  public init(heads: Int, keyHeads: Int, headSize: Int, scores: AttentionScores = AttentionScores()) {
    self.heads = heads
    self.keyHeads = keyHeads
    self.headSize = headSize
    self.scores = scores
  }

  /// Returns the output of every row and the log-sum-exp of its scores.
  public func forward(_ qkv: Tensor, segments: [[AttentionPart]]) throws -> (output: Tensor, logSumExp: Tensor) {
    let output = try Tensor(uninitialized: [qkv.shape[0], heads * headSize])
    let logSumExp = try Tensor(uninitialized: [qkv.shape[0], heads])
    if let blocked = blocked(for: segments) {
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
    if let blocked = blocked(for: segments) {
      try blocked.backward(dOutput, qkv: qkv, output: output, logSumExp: logSumExp, segments: segments, into: dqkv)
    } else {
      try flash.backward(dOutput, qkv: qkv, output: output, logSumExp: logSumExp, segments: segments, into: dqkv)
    }
    return dqkv
  }

  /// Kernels of our own, where these are faster, or where libtorch's do not compute such scores; else nil.
  private func blocked(for segments: [[AttentionPart]]) -> BlockedAttention? {
    if Kernels.current.attendThemselves { return blocked }
    let isWindowed = scores.window.map { window in segments.joined().contains { $0.keyCount > window } } ?? false
    return isWindowed || scores.cap != nil ? blocked(portable: true) : nil
  }

  package var blocked: BlockedAttention { blocked(portable: false) }

  private func blocked(portable: Bool) -> BlockedAttention {
    BlockedAttention(
      heads: heads, keyHeads: keyHeads, headSize: headSize, scores: scores, isPortable: portable)
  }

  package var flash: FlashAttention {
    FlashAttention(queryHeads: heads, keyHeads: keyHeads, headSize: headSize, scale: scores.scale)
  }
}

/// What attention makes of the products of queries and keys before the softmax.
public struct AttentionScores: Sendable, Equatable {
  /// What they are multiplied by; nil for 1/√S.
  public var scale: Float?
  /// The tokens that a token sees, itself and those before it; nil for all.
  public var window: Int?
  /// c where scores become c · tanh(score / c); nil where they do not.
  public var cap: Float?

  /// Scores of a kind; by default scaled by 1/√S, and no more.
  public init(scale: Float? = nil, window: Int? = nil, cap: Float? = nil) {
    (self.scale, self.window, self.cap) = (scale, window, cap)
  }

  /// What they are multiplied by for heads of a size.
  package func factor(headSize: Int) -> Float { scale ?? 1 / Float(headSize).squareRoot() }
}
