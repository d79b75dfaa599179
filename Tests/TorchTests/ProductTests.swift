import Testing

@testable import Torch

@Suite("Matrix products")
struct ProductTests {
  /// Rows, depth and columns: whole tiles, edges in each direction, more than one block of each.
  static let shapes = [
    (8, 1, 32), (1, 1, 1), (7, 3, 5), (9, 257, 33), (64, 64, 64), (128, 256, 512), (129, 512, 513), (4100, 40, 70),
    (24, 600, 4099), (131, 1100, 40), (16, 700, 48), (61, 513, 2112), (200, 70, 16), (200, 70, 48),
  ]

  @Test(
    "blocked products are those of the definition, whatever the factors' layout",
    .enabled(if: BlockedProduct.isSupported), arguments: shapes, [false, true])
  func definition(shape: (Int, Int, Int), accumulating: Bool) throws {
    try check(shape, accumulating, .float32)
  }

  /// Shapes whose K is odd are those of transposed factors only: the others' rows end in half a pair.
  @Test(
    "blocked products of bfloat16 numbers, too", .enabled(if: BlockedProduct.isSupportedInBFloat16),
    arguments: shapes, [false, true])
  func definitionInBFloat16(shape: (Int, Int, Int), accumulating: Bool) throws {
    try check(shape, accumulating, .bfloat16)
  }

  /// Neither the loops that libtorch has for them nor a result that is rounded.
  @Test(
    "where no kernels are for bfloat16 numbers, their products are float32's",
    .enabled(if: !Kernels.libtorchMultipliesBFloat16 && !BlockedProduct.isSupportedInBFloat16),
    arguments: shapes, [false, true])
  func widened(shape: (Int, Int, Int), accumulating: Bool) throws {
    try check(shape, accumulating, .bfloat16) { a, b, out in
      try multiply(a, b, into: out, accumulating: accumulating, dtype: .bfloat16)
    }
  }

  private func check(_ shape: (Int, Int, Int), _ accumulating: Bool, _ dtype: DType) throws {
    try check(shape, accumulating, dtype) { a, b, out in
      try BlockedProduct(a: a, b: b, out: out, accumulating: accumulating)()
    }
  }

  private func check(
    _ shape: (Int, Int, Int), _ accumulating: Bool, _ dtype: DType,
    product: (_ a: Tensor, _ b: Tensor, _ out: Tensor) throws -> Void
  ) throws {
    let (M, K, N) = shape
    var checked = 0
    for (aIsTransposed, bIsTransposed) in [(false, false), (true, false), (false, true), (true, true)] {
      let a = try numbers(M, K, seed: 1, transposed: aIsTransposed).rounded(to: dtype)
      let b = try numbers(K, N, seed: 2, transposed: bIsTransposed).rounded(to: dtype)
      if dtype == .bfloat16, !BlockedProduct.hasPairs(a, b) { continue }
      checked += 1
      let out = try numbers(M, N, seed: 3, transposed: false)
      let before = out.array
      try product(a, b, out)
      let result = out.array
      // The exact sum of some entries, the corners and edges of tiles among them.
      for row in Set([0, M / 2, 7 % M, M - 1]) {
        for column in Set([0, N / 2, 31 % N, N - 1]) {
          var sum = accumulating ? Double(before[row * N + column]) : 0
          var size = abs(sum)
          for k in 0..<K {
            let term = Double(value(a, row, k)) * Double(value(b, k, column))
            sum += term
            size += abs(term)
          }
          #expect(abs(Double(result[row * N + column]) - sum) <= 1e-6 * size + 1e-6)
        }
      }
    }
    #expect(dtype == .float32 || K.isMultiple(of: 2) ? checked == 4 : checked > 0 || M * N == 1)
  }

  @Test("blocked products agree with libtorch's everywhere", .enabled(if: BlockedProduct.isSupported))
  func agreesWithLibtorch() throws {
    // Below the size from which `multiply` takes the blocked way itself.
    let (M, K, N) = (13, 300, 170)
    let (a, b) = (try numbers(M, K, seed: 1, transposed: false), try numbers(K, N, seed: 2, transposed: true))
    let (ours, theirs) = (try Tensor(uninitialized: [M, N]), try Tensor(uninitialized: [M, N]))
    try BlockedProduct(a: a, b: b, out: ours, accumulating: false)()
    try multiply(a, b, into: theirs)
    for (x, y) in zip(ours.array, theirs.array) { #expect(abs(x - y) < 1e-4) }
  }

  private func value(_ x: Tensor, _ row: Int, _ column: Int) -> Float {
    let place = row * x.strides[0] + column * x.strides[1]
    guard x.dtype == .bfloat16 else { return x.floats[place] }
    return Float(bitPattern: UInt32(x.bytes.assumingMemoryBound(to: UInt16.self)[place]) << 16)
  }

  private func numbers(_ rows: Int, _ columns: Int, seed: UInt64, transposed: Bool) throws -> Tensor {
    var state = seed
    let values = (0..<rows * columns).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 33) % 1000) / 1000
    }
    return transposed
      ? try Tensor(values, shape: [columns, rows]).transposed : try Tensor(values, shape: [rows, columns])
  }
}
