import CKernels

extension FlashAttention {
  /// `PackedAttention.forward`: each part attends to itself, then to its prefix, and the two results are merged by their
  /// log-sum-exps.
  package func forward(_ qkv: Tensor, segments: [[AttentionPart]], output: Tensor, logSumExp: Tensor) throws {
    for part in segments.joined() {
      let (whole, wholeLSE) = (output.rows(part.own), logSumExp.rows(part.own))
      try forward(
        query: query(qkv, part.own), key: key(qkv, part.own), value: value(qkv, part.own), isCausal: true,
        output: whole, logSumExp: wholeLSE)
      guard !part.prefix.isEmpty else { continue }
      let out = try Tensor(uninitialized: [part.own.count, queryHeads * headSize])
      let lse = try Tensor(uninitialized: [part.own.count, queryHeads])
      try forward(
        query: query(qkv, part.own), key: key(qkv, part.prefix), value: value(qkv, part.prefix), isCausal: false,
        output: out, logSumExp: lse)
      try parallel(part.own.count, grain: 64) { rows in
        ck_merge_attention(
          whole.floats, wholeLSE.floats, out.floats, lse.floats, Int64(queryHeads), Int64(headSize),
          Int64(rows.lowerBound), Int64(rows.upperBound))
      }
    }
  }

  /// `PackedAttention.backward`, into zeros.
  package func backward(
    _ dOutput: Tensor, qkv: Tensor, output: Tensor, logSumExp: Tensor, segments: [[AttentionPart]], into dqkv: Tensor
  ) throws {
    for part in segments.joined() {
      for (keys, isCausal) in [(part.own, true), (part.prefix, false)] where !keys.isEmpty {
        try backward(
          outputGradient: dOutput.rows(part.own), query: query(qkv, part.own), key: key(qkv, keys),
          value: value(qkv, keys), output: output.rows(part.own), logSumExp: logSumExp.rows(part.own),
          isCausal: isCausal, queryGradient: query(dqkv, part.own), keyGradient: key(dqkv, keys),
          valueGradient: value(dqkv, keys))
      }
    }
  }

  private func query(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor { heads(qkv, rows, from: 0, count: queryHeads) }
  private func key(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor { heads(qkv, rows, from: queryHeads, count: keyHeads) }
  private func value(_ qkv: Tensor, _ rows: Range<Int>) -> Tensor {
    heads(qkv, rows, from: queryHeads + keyHeads, count: keyHeads)
  }

  private func heads(_ qkv: Tensor, _ rows: Range<Int>, from head: Int, count: Int) -> Tensor {
    let width = qkv.shape[1]
    return qkv.view(
      from: rows.lowerBound * width + head * headSize, shape: [rows.count, count, headSize],
      strides: [width, headSize, 1])
  }
}
