import CKernels
import Testing
import Torch

@Suite("Numbers in 8 bits by dynamic maps")
struct DynamicNumberTests {
  private static func random(_ state: inout UInt64) -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 24)
  }

  /// Numbers of all decades, the map's own among them.
  private static func numbers(_ count: Int) -> [Float] {
    var state: UInt64 = 5
    return (0..<count).map { index in
      if index % 8 == 0 { return DynamicMap.signed[index / 8 % 256] }
      let sign: Float = random(&state) < 0.5 ? -1 : 1
      return sign * (0..<Int(random(&state) * 9)).reduce(random(&state)) { number, _ in number * 0.1 }
    }
  }

  @Test("each is the nearest value")
  func nearest() {
    let x = Self.numbers(4000)
    var codes = [UInt8](repeating: 7, count: x.count)
    var scales = [Float](repeating: 0, count: 16)
    ck_dynamic_quantize(x, Int64(x.count), DynamicMap.signed, &codes, &scales, 0, 16)
    for (index, number) in x.enumerated() {
      let block = x[index / 256 * 256..<min(x.count, index / 256 * 256 + 256)]
      let scale = block.map(\.magnitude).max() ?? 0
      #expect(scales[index / 256] == scale)
      let distance = abs(DynamicMap.signed[Int(codes[index])] * scale - number)
      let least = DynamicMap.signed.map { abs($0 * scale - number) }.min() ?? 0
      #expect(distance <= least + 1e-6 * abs(number) + 1e-9 * scale)
    }
  }

  private struct State: Equatable {
    var values: [Float]
    var first: [UInt8]
    var root: [UInt8]
    var firstScales: [Float]
    var rootScales: [Float]

    init(_ count: Int) {
      values = numbers(count)
      (first, root) = (Array(repeating: 0, count: count), Array(repeating: 0, count: count))
      (firstScales, rootScales) = (Array(repeating: 0, count: (count + 255) / 256), [])
      rootScales = firstScales
    }

    /// A step over the blocks in these pieces.
    mutating func step(_ number: UInt32, _ gradient: [Float], pieces: [Range<Int64>]) {
      let count = Int64(values.count)
      DynamicMap.signed.withUnsafeBufferPointer { signed in
        DynamicMap.unsigned.withUnsafeBufferPointer { unsigned in
          first.withUnsafeMutableBufferPointer { first in
            root.withUnsafeMutableBufferPointer { root in
              firstScales.withUnsafeMutableBufferPointer { firstScales in
                rootScales.withUnsafeMutableBufferPointer { rootScales in
                  var moments = ck_moments(
                    first: first.baseAddress, root: root.baseAddress, first_scales: firstScales.baseAddress,
                    root_scales: rootScales.baseAddress, signed_map: signed.baseAddress,
                    unsigned_map: unsigned.baseAddress)
                  for piece in pieces {
                    ck_adamw_8bit(
                      &values, gradient, &moments, count, number, 1, 1e-2, 0.9, 0.999, 1e-8, 0.1, 0.1, 0.001,
                      piece.lowerBound, piece.upperBound)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  @Test("a step is the same however its blocks are divided")
  func division() {
    var (whole, parts) = (State(2000), State(2000))
    for step in 1...4 {
      let gradient = Array(Self.numbers(2000 + step).suffix(2000))
      whole.step(UInt32(step), gradient, pieces: [0..<8])
      parts.step(UInt32(step), gradient, pieces: [5..<8, 0..<1, 1..<5])
      #expect(whole == parts)
    }
  }

  @Test("the first step is float32's, to the bit")
  func firstStep() {
    var narrow = State(700)
    var values = narrow.values
    let gradient = Self.numbers(700).reversed() as [Float]
    var (first, second) = ([Float](repeating: 0, count: 700), [Float](repeating: 0, count: 700))
    narrow.step(1, gradient, pieces: [0..<3])
    ck_adamw(&values, gradient, &first, &second, 1, 1e-2, 0.9, 0.999, 1e-8, 0.1, 0.1, 0.001, 0, 700)
    #expect(narrow.values == values)
    // What is kept is near, and what was not zero is not.
    for place in 0..<700 {
      let root = DynamicMap.unsigned[Int(narrow.root[place])] * narrow.rootScales[place / 256]
      #expect((root == 0) == (second[place] == 0))
      #expect(abs(root - second[place].squareRoot()) <= 0.008 * narrow.rootScales[place / 256])
    }
  }
}
