import CKernels
import Torch

/// A matrix W of the model, out×in: one in float32, whose gradient may accumulate, or frozen ones beside one another, each in a
/// narrow format.
enum Weight {
  case full(Parameter)
  case frozen([FrozenMatrix])

  /// Outputs.
  var rows: Int {
    switch self {
    case .full(let parameter): parameter.value.shape[0]
    case .frozen(let parts): parts.reduce(0) { $0 + $1.rows }
    }
  }

  /// Where the gradient accumulates; nil where W is frozen.
  var gradient: Tensor? { if case .full(let parameter) = self { parameter.gradient } else { nil } }

  /// y = x · Wᵀ.
  func multiply(_ x: Tensor, dtype: DType) throws -> Tensor {
    if case .full(let parameter) = self {
      return try Torch.multiply(x, transposed: parameter.factor(dtype), dtype: dtype)
    }
    let y = try Tensor(uninitialized: [x.shape[0], rows])
    try multiply(x, into: y, dtype: dtype)
    return y
  }

  /// y = x · Wᵀ, into memory that is there.
  func multiply(_ x: Tensor, into y: Tensor, dtype: DType) throws {
    switch self {
    case .full(let parameter): try Torch.multiply(x, parameter.factor(dtype).transposed, into: y, dtype: dtype)
    case .frozen(let parts):
      let x = try x.rounded(to: dtype)
      for (part, columns) in zip(parts, columns(of: parts)) {
        try part.multiply(x, into: y.columns(columns), dtype: dtype)
      }
    }
  }

  /// dx = dy · W.
  func multiply(gradient dy: Tensor, dtype: DType) throws -> Tensor {
    switch self {
    case .full(let parameter):
      return try Torch.multiply(dy, transposed: parameter.factor(dtype).transposed, dtype: dtype)
    case .frozen(let parts):
      let dx = try Tensor(uninitialized: [dy.shape[0], parts[0].columns])
      for (index, (part, columns)) in zip(parts, columns(of: parts)).enumerated() {
        try part.multiply(gradient: dy.columns(columns), into: dx, accumulating: index > 0, dtype: dtype)
      }
      return dx
    }
  }

  /// The rows of some tokens, as the embedding gives them.
  func gather(_ tokens: [Int32]) throws -> Tensor {
    switch self {
    case .frozen(let parts): return try parts[0].gather(tokens)
    case .full(let parameter):
      let D = parameter.value.shape[1]
      let y = try Tensor(uninitialized: [tokens.count, D])
      try parallel(tokens.count, grain: 256) { rows in
        ck_gather_rows(
          parameter.value.floats, tokens, y.floats, Int64(D), Int64(rows.lowerBound), Int64(rows.upperBound))
      }
      return y
    }
  }

  private func columns(of parts: [FrozenMatrix]) -> [Range<Int>] {
    var start = 0
    return parts.map { part in
      defer { start += part.rows }
      return start..<start + part.rows
    }
  }
}

extension Parameter {
  /// The weights as products in this type have them.
  fileprivate func factor(_ dtype: DType) throws -> Tensor {
    dtype == .float32 ? value : try value.dithered(from: place)
  }
}

extension Tensor {
  /// Some columns of a matrix.
  func columns(_ range: Range<Int>) -> Tensor {
    view(from: range.lowerBound * strides[1], shape: [shape[0], range.count], strides: strides)
  }
}
