import CKernels
import CTorch

/// Softmax attention without the matrix of scores (FlashAttention-2, arXiv 2307.08691), by libtorch's CPU kernel.
///
/// Shapes: `Tq` queries, `Tk` keys, `H` query heads in groups that share one of `K` key heads, `S` head size.
package struct FlashAttention {
  let queryHeads: Int
  let keyHeads: Int
  let headSize: Int
  /// What scores are multiplied by; nil for 1/√S.
  let scale: Float?

  /// Attention with these head counts; `queryHeads` is a multiple of `keyHeads`.
  package init(queryHeads: Int, keyHeads: Int, headSize: Int, scale: Float? = nil) {
    self.queryHeads = queryHeads
    self.keyHeads = keyHeads
    self.headSize = headSize
    self.scale = scale
  }

  /// Attends from every query to the keys.
  /// - Parameters:
  ///   - query: Tq×H×S, the last two dimensions dense.
  ///   - key: Tk×K×S, likewise, and so `value`.
  ///   - isCausal: query t sees keys 0...t.
  ///   - output: Tq×H×S, contiguous, overwritten.
  ///   - logSumExp: Tq×H, contiguous, overwritten with each query's log-sum-exp of the scores.
  package func forward(
    query: Tensor, key: Tensor, value: Tensor, isCausal: Bool, output: Tensor, logSumExp: Tensor
  ) throws {
    let torch = try Libtorch.loaded()
    try Tensor.withHandles([grouped(query), shared(key), shared(value)], torch) { inputs in
      var outputHandle: CTensorHandle?
      var logSumExpHandle: CTensorHandle?
      let code = withScale { scale in
        torch.flashAttention(
          inputs[0], inputs[1], inputs[2], 0, isCausal ? 1 : 0, nil, scale, &outputHandle, &logSumExpHandle)
      }
      try torch.check(code, "attention")
      let foreignOutput = try ForeignTensor(outputHandle, torch)
      let foreignLogSumExp = try ForeignTensor(logSumExpHandle, torch)
      try copy(
        foreignOutput, to: output, tokens: query.shape[0], heads: queryHeads, size: headSize, accumulating: false)
      try copy(foreignLogSumExp, to: logSumExp, tokens: query.shape[0], heads: queryHeads, size: 1, accumulating: false)
    }
  }

  /// Adds the gradients of query, key and value for the output's gradient.
  ///
  /// `output` and `logSumExp` may be those over more keys than are given here: the gradients are then the given keys'
  /// exact share, which is how attention divided over several blocks of keys is differentiated.
  package func backward(
    outputGradient: Tensor, query: Tensor, key: Tensor, value: Tensor, output: Tensor, logSumExp: Tensor,
    isCausal: Bool, queryGradient: Tensor, keyGradient: Tensor, valueGradient: Tensor
  ) throws {
    let torch = try Libtorch.loaded()
    let tensors = [
      grouped(outputGradient), grouped(query), shared(key), shared(value), grouped(output), groupedScalars(logSumExp),
    ]
    try Tensor.withHandles(tensors, torch) { inputs in
      var dq: CTensorHandle?
      var dk: CTensorHandle?
      var dv: CTensorHandle?
      let code = withScale { scale in
        torch.flashAttentionBackward(
          inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], 0, isCausal ? 1 : 0, nil, scale,
          &dq, &dk, &dv)
      }
      try torch.check(code, "the gradient of attention")
      let owned = try [dq, dk, dv].map { try ForeignTensor($0, torch) }
      try copy(
        owned[0], to: queryGradient, tokens: query.shape[0], heads: queryHeads, size: headSize, accumulating: true)
      try copySum(owned[1], to: keyGradient, tokens: key.shape[0])
      try copySum(owned[2], to: valueGradient, tokens: key.shape[0])
    }
  }

  // libtorch wants batch × heads × tokens × size with as many key heads as query heads. The key heads take the place of
  // the batch, and each is repeated over its group of query heads by a stride of zero.

  /// The scale as libtorch takes it: a place where it stands, or none.
  private func withScale<Result>(_ body: (UnsafeMutablePointer<Double>?) throws -> Result) rethrows -> Result {
    guard let scale else { return try body(nil) }
    var value = Double(scale)
    return try body(&value)
  }

  private var groupSize: Int { queryHeads / keyHeads }

  private func grouped(_ x: Tensor) -> Tensor {
    x.view(
      from: 0, shape: [keyHeads, groupSize, x.shape[0], headSize],
      strides: [groupSize * headSize, headSize, x.strides[0], 1])
  }

  private func shared(_ x: Tensor) -> Tensor {
    x.view(
      from: 0, shape: [keyHeads, groupSize, x.shape[0], headSize], strides: [headSize, 0, x.strides[0], 1])
  }

  private func groupedScalars(_ x: Tensor) -> Tensor {
    x.view(from: 0, shape: [keyHeads, groupSize, x.shape[0]], strides: [groupSize, 1, x.strides[0]])
  }

  /// Copies a foreign K×G×T(×S) tensor to rows of tokens.
  private func copy(
    _ source: ForeignTensor, to destination: Tensor, tokens: Int, heads: Int, size: Int, accumulating: Bool
  ) throws {
    let (from, strides) = try source.contents(dimensions: 3)
    try parallel(tokens, grain: 64) { range in
      ck_copy_heads(
        from, Int64(strides[0]), Int64(strides[1]), Int64(strides[2]), destination.floats,
        Int64(destination.strides[0]), Int64(heads), Int64(size), Int64(groupSize), accumulating ? 1 : 0,
        Int64(range.lowerBound), Int64(range.upperBound))
    }
  }

  /// Adds a foreign K×G×T×S gradient, summed over the groups, to rows of key heads.
  private func copySum(_ source: ForeignTensor, to destination: Tensor, tokens: Int) throws {
    let (from, strides) = try source.contents(dimensions: 3)
    try parallel(tokens, grain: 64) { range in
      ck_sum_heads(
        from, Int64(strides[0]), Int64(strides[1]), Int64(strides[2]), destination.floats,
        Int64(destination.strides[0]), Int64(keyHeads), Int64(headSize), Int64(groupSize), Int64(range.lowerBound),
        Int64(range.upperBound))
    }
  }
}
