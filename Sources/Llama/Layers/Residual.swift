import CKernels
import Torch

/// sum = x + r · norm(y): what attention or feed-forward made of x, y, is added to it. Most families have neither norm nor r.
///
/// Shapes: x, y and sum are N×D.
struct Residual {
  let norm: RMSNorm?
  /// r.
  let factor: Float

  /// Whether the backward needs y.
  var readsChange: Bool { norm != nil }

  /// Returns the sum, into memory that is there; it may be y's.
  func forward(_ x: Tensor, adding y: Tensor, into sum: Tensor) throws {
    let change = try norm?.forward(y).y ?? y
    try parallel(sum.count, grain: 1 << 14) { range in
      let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
      if factor == 1 {
        ck_add(x.floats, change.floats, sum.floats, begin, end)
      } else {
        ck_add_scaled(x.floats, change.floats, factor, sum.floats, begin, end)
      }
    }
  }

  /// Adds the gradient of the norm's weight for the sum's gradient, and returns that of y. The gradient of x is the sum's, which
  /// stays as it is.
  func backward(_ dsum: Tensor, change y: @autoclosure () throws -> Tensor) throws -> Tensor {
    var scaled = dsum
    if factor != 1 {
      scaled = try dsum.copied()
      try scaled.multiply(by: factor)
    }
    guard let norm else { return scaled }
    let y = try y()
    let dy = try Tensor(zeros: dsum.shape)
    try norm.backward(scaled, x: y, scale: norm.forward(y).scale, addingTo: dy)
    return dy
  }
}
