import CKernels
import ModelFiles
import Torch

/// A piece of a sequence that a step reads: tokens that follow those in its cache.
struct SequencePiece {
  let cache: KeyValueCache
  let tokens: ArraySlice<Int32>
  /// How long the sequence is when the pass that the piece belongs to is over; a prompt's pieces are one pass.
  let length: Int
}

/// Where the tokens of a step belong: for each, its sequence's cache and its position there.
struct TokenPlaces {
  let positions: [Int32]
  private let capacities: [Int32]
  /// Where the tokens' keys begin, and their values: layer by layer, as many as there are tokens.
  private let keys: [UnsafeMutableRawPointer?]
  private let values: [UnsafeMutableRawPointer?]

  init(_ pieces: [SequencePiece], layers: Int) {
    var positions: [Int32] = []
    var caches: [KeyValueCache] = []
    for piece in pieces {
      let start = Int32(piece.cache.tokens.count)
      positions += start..<start + Int32(piece.tokens.count)
      caches += repeatElement(piece.cache, count: piece.tokens.count)
    }
    self.positions = positions
    capacities = caches.map { Int32($0.capacity) }
    keys = (0..<layers).flatMap { layer in caches.map { $0.keys(layer) } }
    values = (0..<layers).flatMap { layer in caches.map { $0.values(layer) } }
  }

  /// Stores the tokens' keys and values, and attends from each token to itself and all that precede it. The caches that
  /// the places were made of must still be there.
  func attend(
    _ qkv: Tensor, layer: Int, config: LlamaConfig, _ format: WeightFormat, into attended: Tensor
  ) throws {
    let (H, K, S) = (Int64(config.headCount), Int64(config.keyHeadCount), Int64(config.headSize))
    let narrow: Int32 = format.cacheType == .bfloat16 ? 1 : 0
    let count = positions.count
    let scores = config.scores(of: config.attention[layer])
    let (factor, window) = (scores.factor(headSize: config.headSize), Int64(scores.window ?? 0))
    try keys.withUnsafeBufferPointer { allKeys in
      try values.withUnsafeBufferPointer { allValues in
        guard let keys = allKeys.baseAddress, let values = allValues.baseAddress else { return }
        let (layerKeys, layerValues) = (keys + layer * count, values + layer * count)
        try parallel(count, grain: 4) { rows in
          ck_store_keys(
            qkv.floats, Int64(qkv.shape[1]), layerKeys, layerValues, positions, capacities, narrow, H, K, S,
            Int64(rows.lowerBound), Int64(rows.upperBound))
        }
        // Another thread is worth its start for so many operations.
        let longest = min(positions.max().map { Int($0) + 1 } ?? 1, scores.window ?? .max)
        try parallel(count * config.headCount, grain: max(1, (1 << 15) / (longest * config.headSize))) { pairs in
          ck_attend(
            qkv.floats, Int64(qkv.shape[1]), layerKeys, layerValues, positions, capacities, narrow, attended.floats, H,
            K, S, factor, window, scores.cap ?? 0, Int64(pairs.lowerBound), Int64(pairs.upperBound))
        }
      }
    }
  }
}
