import CKernels
import Testing

@testable import Torch

@Suite("Frozen matrices")
struct FrozenMatrixTests {
  /// Rows and columns: tiny ones, edges of blocks of 64, 128 and 256.
  static let shapes = [
    (1, 1), (3, 5), (2, 64), (7, 63), (33, 65), (64, 128), (5, 129), (70, 300), (40, 257),
  ]

  private func numbers(_ shape: [Int], seed: UInt64) throws -> Tensor {
    var state = seed
    let values = (0..<shape.reduce(1, *)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 33) % 2001 - 1000) / 1000
    }
    return try Tensor(values, shape: shape)
  }

  /// How far a number may be from what it was, as a share of the largest that its scale goes by.
  private func tolerance(_ format: FrozenFormat) -> Float {
    switch format {
    case .float32: 0
    case .bfloat16: 1 / 256
    case .int8: 0.501 / 127
    // Half of the widest gap between values, and what scales of 8 bits lose.
    case .nf4: 0.16
    }
  }

  @Test(arguments: FrozenFormat.allCases, shapes)
  func numbersComeBackNearly(format: FrozenFormat, shape: (Int, Int)) throws {
    let weights = try numbers([shape.0, shape.1], seed: 1)
    let widened = try FrozenMatrix(weights, format: format).widened()
    for (number, original) in zip(widened.array, weights.array) {
      #expect(abs(number - original) <= tolerance(format) + 1e-7)
    }
  }

  /// y = x · Wᵀ and dx = dy · W, against sums in double precision over the widened weights.
  @Test(arguments: FrozenFormat.allCases, shapes)
  func productsAreThoseOfTheWidenedWeights(format: FrozenFormat, shape: (Int, Int)) throws {
    let (rows, columns) = shape
    let matrix = try FrozenMatrix(numbers([rows, columns], seed: 1), format: format)
    let w = try matrix.widened().array.map(Double.init)
    for M in [1, 3, 17] {
      let (x, dy) = (try numbers([M, columns], seed: 2), try numbers([M, rows], seed: 3))
      // The results are columns of larger matrices.
      let wide = try numbers([M, rows + 3], seed: 4)
      let (y, before) = (wide.view(from: 2, shape: [M, rows], strides: [rows + 3, 1]), wide.array)
      let (dx, dxBefore) = (try numbers([M, columns], seed: 5), try numbers([M, columns], seed: 5).array)
      for adding in [true, false] {
        try matrix.multiply(x, into: y, accumulating: adding)
        try matrix.multiply(gradient: dy, into: dx, accumulating: adding)
        for m in 0..<M {
          for n in Set([0, rows / 2, rows - 1]) {
            let sum = (0..<columns).reduce(0.0) { $0 + Double(x.floats[m * columns + $1]) * w[n * columns + $1] }
            let exact = sum + (adding ? Double(before[m * (rows + 3) + 2 + n]) : 0)
            #expect(abs(Double(y.floats[m * (rows + 3) + n]) - exact) <= 1e-5 * Double(columns).squareRoot())
          }
          for k in Set([0, columns / 2, columns - 1]) {
            let sum = (0..<rows).reduce(0.0) { $0 + Double(dy.floats[m * rows + $1]) * w[$1 * columns + k] }
            let exact = sum + (adding ? Double(dxBefore[m * columns + k]) : 0)
            #expect(abs(Double(dx.floats[m * columns + k]) - exact) <= 1e-5 * Double(rows).squareRoot())
          }
        }
        // What lies beside the result is as it was.
        for m in 0..<M { #expect(wide.floats[m * (rows + 3)] == before[m * (rows + 3)]) }
      }
    }
  }

  /// Columns of larger matrices are read and written, as where matrices of one product are frozen beside one another.
  @Test("products in bfloat16 are those of the dithered weights", arguments: FrozenFormat.allCases, Kernels.available)
  func productsInBFloat16(format: FrozenFormat, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let (M, rows, columns) = (50, 70, 300)
      let matrix = try FrozenMatrix(numbers([rows, columns], seed: 1), format: format, place: 1000)
      let w = try matrix.widened()
      ck_dither_floats(w.floats, 1000, 0, Int64(w.count))
      let (x, dy) = (try numbers([M, columns], seed: 2), try numbers([M, rows + 3], seed: 3))
      let gradient = dy.view(from: 2, shape: [M, rows], strides: [rows + 3, 1])
      let (y, dx) = (try Tensor(zeros: [M, rows + 3]), try Tensor(uninitialized: [M, columns]))
      try matrix.multiply(x, into: y.view(from: 2, shape: [M, rows], strides: [rows + 3, 1]), dtype: .bfloat16)
      try matrix.multiply(gradient: gradient, into: dx, dtype: .bfloat16)
      let (narrowX, narrowDY) = (try rounded(x), try rounded(dy))
      for m in [0, 17, M - 1] {
        for n in [0, 33, rows - 1] {
          let terms = (0..<columns).map { Double(narrowX[m * columns + $0]) * Double(w.floats[n * columns + $0]) }
          let size = terms.map(abs).reduce(0, +)
          #expect(abs(Double(y.floats[m * (rows + 3) + 2 + n]) - terms.reduce(0, +)) <= size / 256)
        }
        for k in [0, 150, columns - 1] {
          let terms = (0..<rows).map { Double(narrowDY[m * (rows + 3) + 2 + $0]) * Double(w.floats[$0 * columns + k]) }
          let size = terms.map(abs).reduce(0, +)
          #expect(abs(Double(dx.floats[m * columns + k]) - terms.reduce(0, +)) <= size / 256)
        }
        #expect(y.floats[m * (rows + 3)] == 0 && y.floats[m * (rows + 3) + rows + 2] == 0)
      }
    }
  }

  private func rounded(_ x: Tensor) throws -> [Float] {
    let narrow = try x.rounded(to: .bfloat16)
    return (0..<x.count).map {
      Float(bitPattern: UInt32(narrow.bytes.assumingMemoryBound(to: UInt16.self)[$0]) << 16)
    }
  }

  @Test("numbers in bfloat16 are rounded by their places") func bfloat16IsDithered() throws {
    let weights = try numbers([33, 65], seed: 1)
    let matrix = try FrozenMatrix(weights, format: .bfloat16, place: 500)
    let expected = try weights.copied()
    ck_dither_floats(expected.floats, 500, 0, Int64(expected.count))
    #expect(try matrix.widened().array == expected.array)
    // What is bfloat16 already stays itself at any place.
    #expect(try FrozenMatrix(expected, format: .bfloat16, place: 7).widened().array == expected.array)
  }

  @Test("the gradient is that of finite differences", arguments: FrozenFormat.allCases)
  func finiteDifferences(format: FrozenFormat) throws {
    let matrix = try FrozenMatrix(numbers([20, 70], seed: 1), format: format)
    let (x, dy, dx) = (try numbers([2, 70], seed: 2), try numbers([2, 20], seed: 3), try Tensor(zeros: [2, 70]))
    try matrix.multiply(gradient: dy, into: dx)
    func loss() throws -> Double {
      let y = try Tensor(uninitialized: [2, 20])
      try matrix.multiply(x, into: y)
      return zip(y.array, dy.array).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for place in [0, 13, 69, 70, 139] {
      let number = x.floats[place]
      x.floats[place] = number + 0.5
      let above = try loss()
      x.floats[place] = number - 0.5
      #expect(abs(try above - loss() - Double(dx.floats[place])) < 1e-4)
      x.floats[place] = number
    }
  }

  @Test(arguments: FrozenFormat.allCases)
  func embeddingsAreRows(format: FrozenFormat) throws {
    let matrix = try FrozenMatrix(numbers([50, 37], seed: 1), format: format)
    let (all, some) = (try matrix.widened().array, try matrix.gather([3, 49, 0, 3]).array)
    let rows: [[Float]] = [3, 49, 0, 3].map { Array(all[$0 * 37..<$0 * 37 + 37]) }
    #expect(some == rows.flatMap(\.self))
  }

  /// Numbers are rounded alike wherever a piece of the matrix ends.
  @Test(arguments: FrozenFormat.allCases)
  func piecesMakeTheSameMatrix(format: FrozenFormat) throws {
    // Three pieces of rows.
    let weights = try numbers([30_000, 300], seed: 1)
    let matrix = try FrozenMatrix(weights, format: format)
    var pieces: [Range<Int>] = []
    let again = try FrozenMatrix(rows: 30_000, columns: 300, format: format) { rows, numbers in
      pieces.append(rows)
      numbers.floats.update(from: weights.floats + rows.lowerBound * 300, count: rows.count * 300)
    }
    #expect(pieces.count > 1 && pieces.allSatisfy { $0.count * 300 <= 1 << 22 })
    #expect(pieces.first?.lowerBound == 0 && pieces.last?.upperBound == 30_000)
    #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(try again.widened().array == matrix.widened().array)

    // Products go over three blocks of rows.
    let (x, dy) = (try numbers([2, 300], seed: 2), try numbers([2, 30_000], seed: 3))
    let (y, dx) = (try Tensor(uninitialized: [2, 30_000]), try Tensor(uninitialized: [2, 300]))
    try matrix.multiply(x, into: y)
    try matrix.multiply(gradient: dy, into: dx)
    let w = try matrix.widened().array
    for n in [0, 13_951, 13_952, 27_904, 29_999] {
      let exact = (0..<300).reduce(0.0) { $0 + Double(x.floats[300 + $1]) * Double(w[n * 300 + $1]) }
      #expect(abs(Double(y.floats[30_000 + n]) - exact) < 1e-4)
    }
    for k in [0, 299] {
      let exact = (0..<30_000).reduce(0.0) { $0 + Double(dy.floats[30_000 + $1]) * Double(w[$1 * 300 + k]) }
      #expect(abs(Double(dx.floats[300 + k]) - exact) < 1e-3)
    }
  }

  @Test("what is no number is not hidden", arguments: FrozenFormat.allCases)
  func strangeNumbers(format: FrozenFormat) throws {
    for strange in [Float.nan, .infinity] {
      let weights = try numbers([4, 200], seed: 1)
      weights.floats[450] = strange
      #expect(try FrozenMatrix(weights, format: format).widened().array.contains { !$0.isFinite })
    }
  }

  @Test("zeros are zeros", arguments: FrozenFormat.allCases)
  func zeros(format: FrozenFormat) throws {
    let weights = try numbers([8, 256], seed: 1)
    weights.floats.update(repeating: 0, count: 1024)
    let widened = try FrozenMatrix(weights, format: format).widened().array
    #expect(widened[..<1024].allSatisfy { $0 == 0 } && widened[1024...].contains { $0 != 0 })
  }

  @Test func sizesAreAsSaid() {
    #expect(FrozenFormat.float32.byteCount(rows: 4096, columns: 4096) == 4 << 24)
    #expect(FrozenFormat.bfloat16.byteCount(rows: 4096, columns: 4096) == 2 << 24)
    #expect(FrozenFormat.int8.byteCount(rows: 4096, columns: 4096) == 33 << 19)
    // 4 bits, 8 bits for 64 numbers, 32 bits for 64 · 256, and the map.
    #expect(FrozenFormat.nf4.byteCount(rows: 4096, columns: 4096) == 8_388_608 + 262_144 + 4096 + 1024)
  }
}
