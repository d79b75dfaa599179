import CKernels
import Datasets
import Testing

/// Products with narrow weights: near the exact ones, and the same bits however many inputs there are.
@Suite struct NarrowProductTests {
  /// A format's functions, on plain arrays.
  struct Format: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let tolerance: Float
    let multiply:
      @Sendable (_ x: [Float], _ w: [Float], _ y: [Float], _ shape: (M: Int, K: Int, N: Int), _ adding: Bool) -> [Float]
  }

  static let formats = [
    Format(testDescription: "bfloat16", tolerance: 0.006) { x, w, y, shape, adding in
      let (M, K, N) = (Int64(shape.M), Int64(shape.K), Int64(shape.N))
      var weights = [UInt8](repeating: 7, count: Int(ck_bfloat16_weights_size(N, K)))
      var inputs = [UInt8](repeating: 7, count: Int(ck_bfloat16_inputs_size(M, K)))
      var y = y
      let panels = (N + 15) / 16
      ck_bfloat16_pack_weights(w, &weights, N, K, 0, 0, panels)
      ck_bfloat16_pack_inputs(x, &inputs, M, K, 0, ck_narrow_units(M, K))
      ck_bfloat16_product(inputs, weights, &y, M, K, N, adding ? 1 : 0, 0, panels / 2)
      ck_bfloat16_product(inputs, weights, &y, M, K, N, adding ? 1 : 0, panels / 2, panels)
      return y
    },
    Format(testDescription: "int8", tolerance: 0.02) { x, w, y, shape, adding in
      let (M, K, N) = (Int64(shape.M), Int64(shape.K), Int64(shape.N))
      let panels = (N + 15) / 16
      var weights = [UInt8](repeating: 7, count: Int(ck_int8_weights_size(N, K)))
      var scales = [Float](repeating: .nan, count: Int(16 * panels))
      var inputs = [UInt8](repeating: 7, count: Int(ck_int8_inputs_size(M, K)))
      var y = y
      ck_int8_pack_weights(w, &weights, &scales, N, K, 0, panels)
      ck_int8_pack_inputs(x, &inputs, M, K, 0, ck_narrow_units(M, K))
      ck_int8_product(inputs, weights, scales, &y, M, K, N, adding ? 1 : 0, 0, panels / 2)
      ck_int8_product(inputs, weights, scales, &y, M, K, N, adding ? 1 : 0, panels / 2, panels)
      return y
    },
  ]

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
  }

  @Test(arguments: formats) func productsAreNearAndDoNotDependOnOneAnother(format: Format) {
    for (K, N) in [(1, 1), (3, 17), (64, 64), (127, 33), (128, 16), (131, 48), (300, 40)] {
      for M in [1, 2, 3, 5, 8, 11, 16, 17, 29, 33] {
        let (x, w, y) = (numbers(M * K, seed: 1), numbers(N * K, seed: 2), numbers(M * N, seed: 3))
        let result = format.multiply(x, w, y, (M, K, N), false)
        let added = format.multiply(x, w, y, (M, K, N), true)
        for m in 0..<M {
          let row = Array(x[m * K..<(m + 1) * K])
          let alone = format.multiply(row, w, Array(repeating: .nan, count: N), (1, K, N), false)
          #expect(alone == Array(result[m * N..<(m + 1) * N]), "row \(m) of \(M)×\(K), \(N) rows of weights")
          for n in 0..<N {
            let exact = (0..<K).reduce(Float(0)) { $0 + row[$1] * w[n * K + $1] }
            let place = m * N + n
            #expect(abs(result[place] - exact) < format.tolerance * Float(K).squareRoot())
            #expect(added[place] == y[place] + result[place] || abs(added[place] - y[place] - result[place]) < 1e-6)
          }
        }
      }
    }
  }

  @Test(arguments: formats) func whatIsNoNumberIsNotHidden(format: Format) {
    for strange in [Float.nan, .infinity] {
      var (x, w) = (numbers(2 * 200, seed: 1), numbers(20 * 200, seed: 2))
      x[150] = strange
      w[5 * 200 + 3] = strange
      let y = format.multiply(x, w, Array(repeating: 0, count: 40), (2, 200, 20), false)
      #expect(y[..<20].allSatisfy { !$0.isFinite })
      for n in 0..<20 { #expect(y[20 + n].isFinite == (n != 5)) }
    }
  }

  @Test(arguments: formats) func zerosAndTheSmallestNumbersAreZeros(format: Format) {
    for number in [Float(0), .leastNonzeroMagnitude, 1e-38] {
      let y = format.multiply(
        Array(repeating: number, count: 50), Array(repeating: number, count: 50), [1], (1, 50, 1), false)
      #expect(y == [0])
    }
  }

  @Test func rowsComeBack() {
    let (K, N) = (131, 37)
    let w = numbers(N * K, seed: 4)
    var rounded = w
    ck_dither_floats(&rounded, 0, 0, Int64(N * K))
    var (half, eighth) = ([Float](repeating: 0, count: K), [Float](repeating: 0, count: K))
    var bfloat16 = [UInt8](repeating: 7, count: Int(ck_bfloat16_weights_size(Int64(N), Int64(K))))
    var int8 = [UInt8](repeating: 7, count: Int(ck_int8_weights_size(Int64(N), Int64(K))))
    var scales = [Float](repeating: 0, count: 48)
    ck_bfloat16_pack_weights(w, &bfloat16, Int64(N), Int64(K), 0, 0, 3)
    ck_int8_pack_weights(w, &int8, &scales, Int64(N), Int64(K), 0, 3)
    for n in 0..<N {
      ck_bfloat16_unpack_row(bfloat16, Int64(n), &half, Int64(K))
      ck_int8_unpack_row(int8, scales, Int64(n), &eighth, Int64(K))
      #expect(half == Array(rounded[n * K..<(n + 1) * K]))
      for k in 0..<K {
        #expect(abs(eighth[k] - w[n * K + k]) <= scales[n] * 0.5001)
      }
    }
  }
}
