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

  /// Those of some of the tokens.
  init(_ places: TokenPlaces, tokens: [Int], layers: Int) {
    let count = places.positions.count
    func some(_ all: [UnsafeMutableRawPointer?]) -> [UnsafeMutableRawPointer?] {
      (0..<layers).flatMap { layer in tokens.map { all[layer * count + $0] } }
    }
    positions = tokens.map { places.positions[$0] }
    capacities = tokens.map { places.capacities[$0] }
    (keys, values) = (some(places.keys), some(places.values))
  }

  /// Stores the tokens' keys and values. The caches that the places were made of must still be there.
  func store(_ qkv: Tensor, layer: Int, config: LlamaConfig, _ format: WeightFormat) throws {
    try withCaches(layer) { keys, values in
      try parallel(positions.count, grain: 4) { rows in
        ck_store_keys(
          qkv.floats, Int64(qkv.shape[1]), keys, values, positions, capacities, format.isNarrow,
          Int64(config.headCount),
          Int64(config.keyHeadCount), Int64(config.headSize), Int64(rows.lowerBound), Int64(rows.upperBound))
      }
    }
  }

  /// Attends from each token to itself and all that precede it in its cache.
  func attend(
    _ qkv: Tensor, layer: Int, config: LlamaConfig, _ format: WeightFormat, into attended: Tensor
  ) throws {
    let (H, K, S) = (Int64(config.headCount), Int64(config.keyHeadCount), Int64(config.headSize))
    let count = positions.count
    let scores = config.scores(of: config.attention[layer])
    let (factor, window) = (scores.factor(headSize: config.headSize), Int64(scores.window ?? 0))
    let rows = count * config.headCount
    try withCaches(layer) { keys, values in
      func attend(_ rows: Range<Int>) {
        ck_attend(
          qkv.floats, Int64(qkv.shape[1]), keys, values, positions, capacities, format.isNarrow, attended.floats,
          Int64(count), H, K, S, factor, window, scores.cap ?? 0, Int64(rows.lowerBound), Int64(rows.upperBound))
      }
      guard rows < Self.fewRows else {
        // A few tiles at a time, since late tokens of a prompt see more keys than early ones.
        let size = 48
        return try parallelUnits(rows.divided(by: size)) { unit, _ in
          attend(unit * size..<min((unit + 1) * size, rows))
        }
      }
      // Another thread is worth its start for so many operations.
      let longest = min(positions.max().map { Int($0) + 1 } ?? 1, scores.window ?? .max)
      try parallel(rows, grain: max(1, (1 << 15) / (longest * config.headSize)), attend)
    }
  }

  /// Fewer are divided evenly, as those of a step that decodes.
  private static let fewRows = 2048

  private typealias Addresses = UnsafePointer<UnsafeMutableRawPointer?>

  /// Where the tokens' keys and values of a layer begin.
  private func withCaches(_ layer: Int, _ body: (_ keys: Addresses, _ values: Addresses) throws -> Void) rethrows {
    try keys.withUnsafeBufferPointer { keys in
      try values.withUnsafeBufferPointer { values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        try body(keys + layer * positions.count, values + layer * positions.count)
      }
    }
  }
}

extension WeightFormat {
  /// Whether caches are narrow, as kernels ask.
  fileprivate var isNarrow: Int32 { cacheType == .bfloat16 ? 1 : 0 }
}
