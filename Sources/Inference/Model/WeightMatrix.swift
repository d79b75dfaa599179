import CKernels
import Torch

/// A matrix of weights W, rows×columns, as inference reads it: once a step, whole, from memory.
struct WeightMatrix {
  private enum Storage {
    case float32(Tensor)
    case bfloat16(Tensor)
    case int8(HostMemory, scales: Tensor)
  }

  let rows: Int
  let columns: Int
  private let storage: Storage

  /// The weights of a float32 matrix, which is shared where the format is float32.
  init(_ weights: Tensor, format: WeightFormat) throws {
    (rows, columns) = (weights.shape[0], weights.shape[1])
    let K = Int64(columns)
    switch format {
    case .float32:
      storage = .float32(weights)
    case .bfloat16:
      let narrow = try Tensor(uninitialized: weights.shape, dtype: .bfloat16)
      let numbers = narrow.bytes.assumingMemoryBound(to: UInt16.self)
      try parallel(weights.count, grain: 1 << 14) { range in
        ck_to_bfloat16(weights.floats, numbers, Int64(range.lowerBound), Int64(range.upperBound))
      }
      storage = .bfloat16(narrow)
    case .int8:
      let memory = try HostMemory.take(weights.count)
      let scales = try Tensor(uninitialized: [rows])
      let numbers = memory.base.assumingMemoryBound(to: Int8.self)
      try parallel(rows, grain: 16) { range in
        ck_quantize_rows(weights.floats, numbers, scales.floats, K, Int64(range.lowerBound), Int64(range.upperBound))
      }
      storage = .int8(memory, scales: scales)
    }
  }

  /// y = x · Wᵀ, or y += x · Wᵀ where `adding`; x is M×columns, y M×rows.
  func multiply(_ x: Tensor, into y: Tensor, adding: Bool = false) throws {
    let (M, K, N, add) = (Int64(x.shape[0]), Int64(columns), Int64(rows), adding ? Int32(1) : 0)
    // Tiles of four rows, and at least as many as are worth another thread.
    let tiles = (rows + 3) / 4
    try parallel(tiles, grain: max(1, (1 << 15) / (4 * columns * x.shape[0]))) { range in
      let (begin, end) = (Int64(4 * range.lowerBound), min(N, Int64(4 * range.upperBound)))
      switch storage {
      case .float32(let weights):
        ck_product_float32(x.floats, weights.floats, nil, y.floats, M, K, N, add, begin, end)
      case .bfloat16(let weights):
        let numbers = weights.bytes.assumingMemoryBound(to: UInt16.self)
        ck_product_bfloat16(x.floats, numbers, nil, y.floats, M, K, N, add, begin, end)
      case .int8(let memory, let scales):
        let numbers = memory.base.assumingMemoryBound(to: Int8.self)
        ck_product_int8(x.floats, numbers, scales.floats, y.floats, M, K, N, add, begin, end)
      }
    }
  }

  /// The rows of some tokens, each in 0..<rows, as the embedding gives them.
  func gather(_ tokens: [Int32]) throws -> Tensor {
    let y = try Tensor(uninitialized: [tokens.count, columns])
    try parallel(tokens.count, grain: 64) { range in
      for index in range {
        let (start, to) = (Int(tokens[index]) * columns, y.floats + index * columns)
        switch storage {
        case .float32(let weights): to.update(from: weights.floats + start, count: columns)
        case .bfloat16(let weights):
          ck_from_bfloat16(weights.bytes.assumingMemoryBound(to: UInt16.self) + start, to, 0, 0, Int64(columns))
        case .int8(let memory, let scales):
          let numbers = memory.base.assumingMemoryBound(to: Int8.self) + start
          ck_widen_int8(numbers, scales.floats[Int(tokens[index])], to, Int64(columns))
        }
      }
    }
    return y
  }
}
