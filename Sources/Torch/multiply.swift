import CKernels
import CTorch

/// out = a · b, or out += a · b where `accumulating`; a is M×K, b is K×N, out is M×N, all float32.
///
/// Any of them may be transposed views, and rows may lie apart. Products accumulate in float32; with `dtype` bfloat16 the factors
/// are rounded to it, as autocasting does in PyTorch, and by libtorch's kernels for it the product too. A factor may be bfloat16
/// already, as weights are that are `dithered`. A processor that has no kernels for such factors multiplies the same numbers in
/// float32.
public func multiply(
  _ a: Tensor, _ b: Tensor, into out: Tensor, accumulating: Bool = false, dtype: DType = .float32
) throws {
  precondition(a.shape[1] == b.shape[0] && out.shape == [a.shape[0], b.shape[1]])
  let torch = try Libtorch.loaded()
  guard dtype == .float32 else {
    let (a, b) = (try a.rounded(to: dtype), try b.rounded(to: dtype))
    if Kernels.current.multiplyThemselves(a, b) {
      return try BlockedProduct(a: a, b: b, out: out, accumulating: accumulating)()
    }
    guard Kernels.libtorchMultipliesBFloat16 else {
      return try multiply(a.widened(), b.widened(), into: out, accumulating: accumulating)
    }
    let product = try Tensor(uninitialized: out.shape, dtype: dtype)
    try Tensor.withHandles([product, a, b], torch) { handles in
      try torch.check(torch.multiplyOut(handles[0], handles[1], handles[2]), "a matrix product")
    }
    return try product.widen(into: out, adding: accumulating)
  }
  if Kernels.current.multiplyThemselves(a, b) {
    return try BlockedProduct(a: a, b: b, out: out, accumulating: accumulating)()
  }
  try Tensor.withHandles([out, a, b], torch) { handles in
    let code =
      accumulating
      ? torch.addMultiplyOut(handles[0], handles[0], handles[1], handles[2], 1, 1)
      : torch.multiplyOut(handles[0], handles[1], handles[2])
    try torch.check(code, "a matrix product")
  }
}

/// x · wᵀ as a new M×N tensor; x is M×K and contiguous, w is N×K or a transposed view of K×N.
///
/// Without kernels of our own this is oneDNN's product where libtorch has it, which is at least as fast as BLAS.
public func multiply(_ x: Tensor, transposed w: Tensor, dtype: DType = .float32) throws -> Tensor {
  let torch = try Libtorch.loaded()
  guard dtype == .float32, let linear = torch.linear, x.shape[0] > 1,
    !Kernels.current.multiplyThemselves(x, w.transposed)
  else {
    let out = try Tensor(uninitialized: [x.shape[0], w.shape[0]])
    try multiply(x, w.transposed, into: out, dtype: dtype)
    return out
  }
  return try Tensor.withHandles([x, w], torch) { handles in
    var result: CTensorHandle?
    try torch.check(linear(handles[0], handles[1], nil, "none", nil, 0, nil, &result), "a matrix product")
    return try Tensor(ForeignTensor(result, torch), shape: [x.shape[0], w.shape[0]], dtype: .float32)
  }
}

extension Tensor {
  /// The numbers of contiguous weights in bfloat16, rounded with a fixed dither: up or down by a threshold that depends on a
  /// weight's place alone.
  ///
  /// Products over weights that are rounded to the nearest do not see updates of less than half a step of bfloat16, which are
  /// most of an alignment's. Here a weight that moves by a part of a step changes with that probability, and one that is bfloat16
  /// already stays itself.
  /// - Parameter place: that of the first number among all of the model's.
  public func dithered(from place: Int) throws -> Tensor {
    precondition(isContiguous)
    let narrow = try Tensor(uninitialized: shape, dtype: .bfloat16)
    let target = narrow.bytes.assumingMemoryBound(to: UInt16.self)
    try parallel(count, grain: 1 << 14) { range in
      ck_dither(floats, target, Int64(place), Int64(range.lowerBound), Int64(range.upperBound))
    }
    return narrow
  }

  /// The numbers of a matrix rounded to a narrower type, its rows one after the other; a transposed view stays one.
  package func rounded(to dtype: DType) throws -> Tensor {
    guard self.dtype != dtype else { return self }
    guard strides[1] == 1 || strides[0] != 1 else { return try transposed.rounded(to: dtype).transposed }
    precondition(strides[1] == 1 || shape[1] == 1)
    let narrow = try Tensor(uninitialized: shape, dtype: dtype)
    let (target, columns) = (narrow.bytes.assumingMemoryBound(to: UInt16.self), shape[1])
    if isContiguous {
      try parallel(count, grain: 1 << 14) { range in
        ck_to_bfloat16(floats, target, Int64(range.lowerBound), Int64(range.upperBound))
      }
    } else {
      try parallel(shape[0], grain: max(1, (1 << 14) / columns)) { rows in
        for row in rows { ck_to_bfloat16(floats + row * strides[0], target + row * columns, 0, Int64(columns)) }
      }
    }
    return narrow
  }

  /// The numbers of a bfloat16 matrix in float32; a transposed view stays one.
  fileprivate func widened() throws -> Tensor {
    guard strides[1] == 1 || strides[0] != 1 else { return try transposed.widened().transposed }
    let wide = try Tensor(uninitialized: shape)
    try widen(into: wide, adding: false)
    return wide
  }

  /// Writes a matrix of bfloat16 numbers into a float32 one, or adds them to it; the rows of both may lie apart.
  fileprivate func widen(into out: Tensor, adding: Bool) throws {
    let source = bytes.assumingMemoryBound(to: UInt16.self)
    let columns = shape[1]
    precondition([self, out].allSatisfy { $0.strides[1] == 1 } || columns == 1)
    try parallel(shape[0], grain: max(1, (1 << 14) / columns)) { rows in
      for row in rows {
        ck_from_bfloat16(
          source + row * strides[0], out.floats + row * out.strides[0], adding ? 1 : 0, 0, Int64(columns))
      }
    }
  }
}
