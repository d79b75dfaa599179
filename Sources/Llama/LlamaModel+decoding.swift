import CKernels
import Torch

extension LlamaModel {
  /// Reads a sequence's first tokens in one pass into an empty cache; returns the logits for the next token, V.
  public func prefill(_ tokens: [Int32], into cache: KeyValueCache) throws -> [Float] {
    guard tokens.count <= cache.capacity, !tokens.isEmpty else {
      throw LlamaError("\(tokens.count) tokens do not fit a context of \(cache.capacity)")
    }
    let batch = PackedBatch(tokens: tokens)
    let (hidden, activations) = try forward(batch, keeping: .everything)
    let queryWidth = config.headCount * config.headSize
    for (layer, kept) in activations.layers.enumerated() {
      guard case .everything(let kept) = kept else { continue }
      for row in tokens.indices {
        cache.store(kept.attention.qkv, row: row, layer: layer, at: row, queryWidth: queryWidth)
      }
    }
    cache.length = tokens.count
    return try logits(hidden.rows(tokens.count - 1..<tokens.count)).array
  }

  /// Reads one more token of each of B sequences; returns the logits for their next tokens, B×V.
  /// - Throws: `LlamaError` where a cache is full, or outgrows a sliding window.
  public func decode(_ tokens: [Int32], caches: [KeyValueCache]) throws -> Tensor {
    if let window = config.slidingWindow, caches.contains(where: { $0.length >= window }) {
      throw LlamaError("the text outgrows the model's sliding window of \(window) tokens; lower --max-tokens")
    }
    guard let full = caches.first(where: { $0.length >= $0.capacity }) else {
      let angles = try rotary.angles(decoding: caches.map(\.length))
      var x = try embedding.forward(tokens)
      for (index, layer) in layers.enumerated() {
        x = try layer.decode(x, layer: index, caches: caches, angles: angles)
      }
      for cache in caches { cache.length += 1 }
      return try logits(norm.forward(x).y)
    }
    throw LlamaError("the context of \(full.capacity) tokens is full")
  }
}

extension DecoderLayer {
  /// The layer for one new token of each of B sequences, x and the result B×D.
  func decode(_ x: Tensor, layer: Int, caches: [KeyValueCache], angles: RotaryAngles) throws -> Tensor {
    let mid = try attention.decode(attentionNorm.forward(x).y, layer: layer, caches: caches, angles: angles)
    ck_add(mid.floats, x.floats, 0, Int64(x.count))
    let y = try feedForward.forward(feedForwardNorm.forward(mid).y).y
    ck_add(y.floats, mid.floats, 0, Int64(x.count))
    return y
  }
}

extension Attention {
  /// Attention from one new token of each of B sequences to all that its cache holds and to itself.
  func decode(_ x: Tensor, layer: Int, caches: [KeyValueCache], angles: RotaryAngles) throws -> Tensor {
    let qkv = try queryKeyValue.forward(x)
    try angles.rotate(qkv, heads: heads + keyHeads, headSize: headSize, direction: 1)
    for (row, cache) in caches.enumerated() {
      cache.store(qkv, row: row, layer: layer, at: cache.length, queryWidth: heads * headSize)
    }
    let keys: [UnsafePointer<Float>?] = caches.map { UnsafePointer($0.keys[layer].floats) }
    let values: [UnsafePointer<Float>?] = caches.map { UnsafePointer($0.values[layer].floats) }
    let lengths = caches.map { Int32($0.length + 1) }
    let longest = Int(lengths.max() ?? 0)
    let attended = try Tensor(uninitialized: [caches.count, heads * headSize])
    let scores = try Tensor(uninitialized: [caches.count * heads, longest])
    try parallel(caches.count * heads) { pairs in
      ck_attend_cache(
        qkv.floats, Int64(qkv.shape[1]), keys, values, lengths, attended.floats, scores.floats, Int64(longest),
        Int64(heads), Int64(keyHeads), Int64(headSize), 1 / Float(headSize).squareRoot(), Int64(pairs.lowerBound),
        Int64(pairs.upperBound))
    }
    return try output.forward(attended)
  }
}
