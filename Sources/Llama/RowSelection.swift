import CKernels
import Torch

/// Some rows of a matrix. Only `gather` may be asked for a row more than once.
struct RowSelection {
  let rows: [Int32]

  /// The selected rows of x (N×D), one after the other: M×D.
  func gather(_ x: Tensor) throws -> Tensor {
    let y = try Tensor(uninitialized: [rows.count, x.shape[1]])
    try parallel(rows.count, grain: 64) { range in
      ck_gather_rows(
        x.floats, rows, y.floats, Int64(x.shape[1]), Int64(range.lowerBound), Int64(range.upperBound))
    }
    return y
  }

  /// The opposite of `gather`: N×D, zero where a row is not selected.
  func scatter(_ y: Tensor, over count: Int) throws -> Tensor {
    let D = y.shape[1]
    let x = try Tensor(zeros: [count, D])
    try parallel(rows.count, grain: 64) { range in
      for index in range { (x.floats + Int(rows[index]) * D).update(from: y.floats + index * D, count: D) }
    }
    return x
  }
}
