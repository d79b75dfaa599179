import CKernels

/// `PackedAttention` by kernels of our own: a part's prefix and its own rows are one run of keys, and threads take one part
/// and key head after another.
package struct BlockedAttention {
  let heads: Int
  let keyHeads: Int
  let headSize: Int
  let scores: AttentionScores
  /// Whether by the kernels for any processor, and not by those for AVX-512.
  let isPortable: Bool

  package func forward(_ qkv: Tensor, segments: [[AttentionPart]], output: Tensor, logSumExp: Tensor) throws {
    let parts = segments.joined().map(ck_attention_part.init)
    let kernel = isPortable ? ck_flash_portable_forward : ck_flash_forward
    try share(parts.count * keyHeads, parts: parts) { unit, scratch in
      kernel(
        qkv.floats, parts, output.floats, logSumExp.floats, Int64(heads), Int64(keyHeads), Int64(headSize), scale,
        window,
        cap, scratch, Int64(unit))
    }
  }

  package func backward(
    _ dOutput: Tensor, qkv: Tensor, output: Tensor, logSumExp: Tensor, segments: [[AttentionPart]], into dqkv: Tensor
  ) throws {
    let parts = segments.joined().map(ck_attention_part.init)
    let kernel = isPortable ? ck_flash_portable_backward : ck_flash_backward
    var ends = [0]
    for segment in segments { ends.append(ends[ends.count - 1] + segment.count) }
    try share(segments.count * keyHeads, parts: parts) { unit, scratch in
      let segment = unit / keyHeads
      kernel(
        qkv.floats, parts, output.floats, logSumExp.floats, dOutput.floats, dqkv.floats, Int64(heads), Int64(keyHeads),
        Int64(headSize), scale, window, cap, scratch, Int64(ends[segment]), Int64(ends[segment + 1]),
        Int64(unit % keyHeads))
    }
  }

  private var scale: Float { scores.factor(headSize: headSize) }
  private var window: Int64 { Int64(scores.window ?? 0) }
  private var cap: Float { scores.cap ?? 0 }

  /// Runs the units of work on all threads, each with scratch of its own.
  private func share(
    _ units: Int, parts: [ck_attention_part], _ body: (Int, UnsafeMutablePointer<Float>) -> Void
  ) throws {
    guard let longest = parts.map({ $0.prefix_count + $0.count }).max() else { return }
    let size = Int(ck_flash_scratch(longest, Int64(headSize)))
    let scratch = try Tensor(uninitialized: [min(units, try threadCount()), size])
    try parallelUnits(units) { unit, thread in body(unit, scratch.floats + thread * size) }
  }
}

extension ck_attention_part {
  fileprivate init(_ part: AttentionPart) {
    self.init(
      prefix: Int64(part.prefix.lowerBound), prefix_count: Int64(part.prefix.count), row: Int64(part.own.lowerBound),
      count: Int64(part.own.count))
  }
}
