import CKernels
import Torch

/// A matrix of weights W, rows×columns, as inference reads it: once a step, whole, from memory.
struct WeightMatrix {
  private enum Storage {
    case float32(Tensor)
    case bfloat16(HostMemory)
    case int8(HostMemory, scales: Tensor)
  }

  let rows: Int
  let columns: Int
  /// The place of the first weight among all of the model's, by which bfloat16 ones are rounded; see `Tensor.dithered(from:)`.
  let place: Int
  private let storage: Storage
  /// The narrow formats' runs of rows that lie together.
  private var panels: Int { (rows + panelRows - 1) / panelRows }
  private let panelRows = CK_NARROW_ROWS

  /// The weights of a float32 matrix, which is shared where the format is float32.
  init(_ weights: Tensor, format: WeightFormat, place: Int = 0) throws {
    (rows, columns, self.place) = (weights.shape[0], weights.shape[1], place)
    let (N, K) = (Int64(rows), Int64(columns))
    switch format {
    case .float32: storage = .float32(weights)
    case .bfloat16: storage = .bfloat16(try HostMemory.take(Int(ck_bfloat16_weights_size(N, K))))
    case .int8:
      let scales = try Tensor(uninitialized: [(rows + panelRows - 1) / panelRows * panelRows])
      storage = .int8(try HostMemory.take(Int(ck_int8_weights_size(N, K))), scales: scales)
    }
    try pack(weights)
  }

  /// Packs a float32 matrix of the same shape in the place of what there was; one that is shared is there already.
  func pack(_ weights: Tensor) throws {
    precondition(weights.shape == [rows, columns])
    let (N, K) = (Int64(rows), Int64(columns))
    switch storage {
    case .float32(let own):
      if own.floats != weights.floats { own.floats.update(from: weights.floats, count: own.count) }
    case .bfloat16(let packed):
      try parallel(panels) { range in
        ck_bfloat16_pack_weights(
          weights.floats, packed.bytes, N, K, Int64(place), Int64(range.lowerBound), Int64(range.upperBound))
      }
    case .int8(let packed, let scales):
      try parallel(panels) { range in
        ck_int8_pack_weights(
          weights.floats, packed.bytes, scales.floats, N, K, Int64(range.lowerBound), Int64(range.upperBound))
      }
    }
  }

  /// y = x · Wᵀ, or y += x · Wᵀ where `adding`; x is M×columns, y M×rows. `inputs` has room for x.
  func multiply(_ x: Tensor, into y: Tensor, _ inputs: PackedInputs, adding: Bool = false) throws {
    let (M, K, N, add) = (Int64(x.shape[0]), Int64(columns), Int64(rows), adding ? Int32(1) : 0)
    switch storage {
    case .float32(let weights):
      try divided(among: (rows + 3) / 4, of: 4, inputs: x.shape[0]) { begin, end in
        ck_product_float32(x.floats, weights.floats, y.floats, M, K, N, add, 4 * begin, min(N, 4 * end))
      }
    case .bfloat16(let weights):
      try pack(x) { begin, end in ck_bfloat16_pack_inputs(x.floats, inputs.bytes, M, K, begin, end) }
      try divided(among: panels, of: panelRows, inputs: x.shape[0]) { begin, end in
        ck_bfloat16_product(inputs.bytes, weights.bytes, y.floats, M, K, N, add, begin, end)
      }
    case .int8(let weights, let scales):
      try pack(x) { begin, end in ck_int8_pack_inputs(x.floats, inputs.bytes, M, K, begin, end) }
      try divided(among: panels, of: panelRows, inputs: x.shape[0]) { begin, end in
        ck_int8_product(inputs.bytes, weights.bytes, scales.floats, y.floats, M, K, N, add, begin, end)
      }
    }
  }

  /// Runs `body` over units of narrow inputs.
  private func pack(_ x: Tensor, _ body: (Int64, Int64) -> Void) throws {
    try parallel(Int(ck_narrow_units(Int64(x.shape[0]), Int64(columns))), grain: 4) {
      body(Int64($0.lowerBound), Int64($0.upperBound))
    }
  }

  /// Runs `body` over tiles of so many weight rows each, at least as many at a time as are worth another thread.
  private func divided(among tiles: Int, of rows: Int, inputs: Int, _ body: (Int64, Int64) -> Void) throws {
    try parallel(tiles, grain: max(1, (1 << 15) / (rows * columns * inputs))) {
      body(Int64($0.lowerBound), Int64($0.upperBound))
    }
  }

  /// The rows of some tokens, each in 0..<rows, as the embedding gives them.
  func gather(_ tokens: [Int32]) throws -> Tensor {
    let y = try Tensor(uninitialized: [tokens.count, columns])
    try parallel(tokens.count, grain: 64) { range in
      for index in range {
        let (row, to) = (Int64(tokens[index]), y.floats + index * columns)
        switch storage {
        case .float32(let weights): to.update(from: weights.floats + Int(row) * columns, count: columns)
        case .bfloat16(let weights): ck_bfloat16_unpack_row(weights.bytes, row, to, Int64(columns))
        case .int8(let weights, let scales): ck_int8_unpack_row(weights.bytes, scales.floats, row, to, Int64(columns))
        }
      }
    }
    return y
  }
}

extension HostMemory {
  fileprivate var bytes: UnsafeMutablePointer<UInt8> { base.assumingMemoryBound(to: UInt8.self) }
}
