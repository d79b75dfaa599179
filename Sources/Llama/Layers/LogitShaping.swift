import CKernels
import ModelFiles
import Torch

/// What becomes of the products with the vocabulary before they are logits: x / d (Granite), then c · tanh(x / c) (Gemma 2).
package struct LogitShaping {
  let divisor: Float
  let cap: Float?

  /// Nothing.
  static let none = LogitShaping(Multipliers.none)

  package init(_ multipliers: Multipliers) {
    divisor = Float(multipliers.logitDivisor)
    cap = multipliers.logitCap.map { Float($0) }
  }

  /// Makes logits of products, in place.
  package func forward(_ x: Tensor) throws {
    try x.divide(by: divisor)
    guard let cap else { return }
    try parallel(x.count, grain: 1 << 14) { range in
      ck_cap(x.floats, cap, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}

extension Tensor {
  /// Divides every number, in place.
  func divide(by divisor: Float) throws {
    guard divisor != 1 else { return }
    try parallel(count, grain: 1 << 14) { range in
      ck_divide(floats, divisor, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
