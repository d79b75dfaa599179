import CKernels
import Torch

/// What an adapter adds to a frozen product (LoRA: Hu et al. 2021, arXiv 2106.09685): y_i += s_i · (x · A_iᵀ) · B_iᵀ, where y_i are the
/// columns of one of the matrices that the product joins.
///
/// One product with all A_i serves all of them. It is float32 whatever the frozen product is computed in.
/// Shapes: x is N×in, y is N×out, A is R×in for the sum R of all ranks, B_i is out_i × r_i.
struct LowRankUpdate {
  /// One adapted matrix.
  struct Part {
    /// Its columns of y.
    let columns: Range<Int>
    /// Its columns of x · Aᵀ.
    let ranks: Range<Int>
    let b: Parameter
    /// s_i.
    let scale: Float
  }

  let a: Parameter
  let parts: [Part]
  /// What leaves out inputs while the adapter trains.
  let dropout: Dropout?
  /// Tells this product's inputs from another's.
  let site: UInt64

  /// Adds the update to y.
  func add(to y: Tensor, _ x: Tensor) throws {
    let projected = try projected(thinned(x))
    for part in parts {
      try multiply(
        projected.columns(part.ranks), part.b.value.transposed, into: y.columns(part.columns), accumulating: true)
    }
  }

  /// Adds the gradients of A and B, where they train, for the output's gradient `dy`: dB_i += s_i · dy_iᵀ · (x · A_iᵀ),
  /// dA_i += s_i · (dy_i · B_i)ᵀ · x. Adds s_i · (dy_i · B_i) · A_i to dx.
  func backward(_ dy: Tensor, x: () throws -> Tensor, addingTo dx: Tensor) throws {
    let gradient = try Tensor(uninitialized: [dy.shape[0], a.value.shape[0]])
    for part in parts {
      try multiply(dy.columns(part.columns), part.b.value, into: gradient.columns(part.ranks))
    }
    try scale(gradient)
    if let dropout, dropout.isActive {
      let change = try Tensor(uninitialized: dx.shape)
      try multiply(gradient, a.value, into: change)
      let thinned = try thinned(change)
      try parallel(dx.count, grain: 1 << 14) { part in
        ck_add(dx.floats, thinned.floats, dx.floats, Int64(part.lowerBound), Int64(part.upperBound))
      }
    } else {
      try multiply(gradient, a.value, into: dx, accumulating: true)
    }
    guard let dA = a.gradient else { return }
    let x = try thinned(x())
    try multiply(gradient.transposed, x, into: dA, accumulating: true)
    let projected = try projected(x)
    for part in parts {
      guard let dB = part.b.gradient else { continue }
      // By way of its transpose, for which dy, much the larger factor, is read row by row.
      let transposed = try Tensor(uninitialized: [dB.shape[1], dB.shape[0]])
      try multiply(projected.columns(part.ranks).transposed, dy.columns(part.columns), into: transposed)
      try parallel(dB.shape[0], grain: 256) { columns in
        ck_add_transposed(
          transposed.floats, dB.floats, Int64(dB.shape[1]), Int64(dB.shape[0]), Int64(columns.lowerBound),
          Int64(columns.upperBound))
      }
    }
  }

  /// Adds s_i · B_i · A_i to the rows of the matrices that the product joins.
  func merge(into weight: Tensor) throws {
    for part in parts {
      let scaled = try Tensor(uninitialized: part.b.value.shape)
      for index in 0..<scaled.count { scaled.floats[index] = part.b.value.floats[index] * part.scale }
      try multiply(scaled, a.value.rows(part.ranks), into: weight.rows(part.columns), accumulating: true)
    }
  }

  /// x without what is left out.
  private func thinned(_ x: Tensor) throws -> Tensor { try dropout?.apply(x, site: site) ?? x }

  /// s · x · Aᵀ, N×R.
  private func projected(_ x: Tensor) throws -> Tensor {
    let y = try multiply(x, transposed: a.value)
    try scale(y)
    return y
  }

  /// Multiplies each matrix's columns of x · Aᵀ by its scale.
  private func scale(_ x: Tensor) throws {
    let width = x.shape[1]
    try parallel(x.shape[0], grain: 64) { rows in
      for row in rows {
        for part in parts {
          for column in part.ranks { x.floats[row * width + column] *= part.scale }
        }
      }
    }
  }
}
