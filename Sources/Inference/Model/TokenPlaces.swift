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
  private let caches: [KeyValueCache]
  private let capacities: [Int32]

  init(_ pieces: [SequencePiece]) {
    var positions: [Int32] = []
    var caches: [KeyValueCache] = []
    for piece in pieces {
      let start = Int32(piece.cache.tokens.count)
      positions += start..<start + Int32(piece.tokens.count)
      caches += Array(repeating: piece.cache, count: piece.tokens.count)
    }
    self.positions = positions
    self.caches = caches
    capacities = caches.map { Int32($0.capacity) }
  }

  /// Stores the tokens' keys and values, and attends from each token to itself and all that precede it.
  func attend(
    _ qkv: Tensor, layer: Int, config: LlamaConfig, _ format: WeightFormat, into attended: Tensor
  ) throws {
    let (H, K, S) = (Int64(config.headCount), Int64(config.keyHeadCount), Int64(config.headSize))
    let keys: [UnsafeMutableRawPointer?] = caches.map { $0.keys(layer) }
    let values: [UnsafeMutableRawPointer?] = caches.map { $0.values(layer) }
    let narrow: Int32 = format.cacheType == .bfloat16 ? 1 : 0
    try parallel(positions.count, grain: 4) { rows in
      ck_store_keys(
        qkv.floats, Int64(qkv.shape[1]), keys, values, positions, capacities, narrow, H, K, S,
        Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    let factor = 1 / Float(config.headSize).squareRoot()
    let (readKeys, readValues) = (keys.map { UnsafeRawPointer($0) }, values.map { UnsafeRawPointer($0) })
    // Another thread is worth its start for some hundred keys.
    let longest = positions.max().map { Int($0) + 1 } ?? 1
    try parallel(positions.count * config.headCount, grain: max(1, 512 / longest)) { pairs in
      ck_attend(
        qkv.floats, Int64(qkv.shape[1]), readKeys, readValues, positions, capacities, narrow, attended.floats, H, K, S,
        factor, Int64(pairs.lowerBound), Int64(pairs.upperBound))
    }
  }
}
