/// out = a · b, or out += a · b where `accumulating`; a is M×K, b is K×N, out is M×N, all float32.
///
/// Any of them may be transposed views. Products accumulate in float32 (BLAS `sgemm`).
public func multiply(_ a: Tensor, _ b: Tensor, into out: Tensor, accumulating: Bool = false) throws {
  precondition(a.shape[1] == b.shape[0] && out.shape == [a.shape[0], b.shape[1]])
  let torch = try Libtorch.loaded()
  try Tensor.withHandles([out, a, b], torch) { handles in
    let code =
      accumulating
      ? torch.addMultiplyOut(handles[0], handles[0], handles[1], handles[2], 1, 1)
      : torch.multiplyOut(handles[0], handles[1], handles[2])
    try torch.check(code, "a matrix product")
  }
}

/// a · b as a new M×N tensor.
public func multiply(_ a: Tensor, _ b: Tensor) throws -> Tensor {
  let out = try Tensor(uninitialized: [a.shape[0], b.shape[1]])
  try multiply(a, b, into: out)
  return out
}
