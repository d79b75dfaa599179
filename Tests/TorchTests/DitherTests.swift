import CKernels
import Testing

@testable import Torch

/// Weights in bfloat16, rounded by their places.
@Suite struct DitherTests {
  private func dithered(_ x: [Float], from place: Int = 0) -> [UInt16] {
    var y = [UInt16](repeating: 7, count: x.count)
    let middle = Int64(x.count / 3)
    ck_dither(x, &y, Int64(place), middle, Int64(x.count))
    ck_dither(x, &y, Int64(place), 0, middle)
    return y
  }

  private func float(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

  @Test func whatIsBFloat16StaysItself() {
    // All of them, infinities and subnormal numbers among them.
    let all = (0...UInt16.max).map(float)
    for place in [0, 1 << 20, 1 << 40] {
      for (half, number) in zip(dithered(all, from: place), all) {
        #expect(number.isNaN ? float(half).isNaN : half == UInt16(number.bitPattern >> 16))
      }
    }
    let nan = [Float](repeating: Float(bitPattern: 0x7F80_0001), count: 1000) + [Float(bitPattern: 0xFFFF_FFFF)]
    #expect(dithered(nan).allSatisfy { float($0).isNaN })
  }

  @Test func othersAreOneOfTheirTwoNeighbours() {
    var generator = SystemRandomNumberGenerator()
    let numbers = (0..<1 << 16).map { _ in Float.random(in: -2...2, using: &generator) }
    for (half, number) in zip(dithered(numbers), numbers) {
      let low = UInt16(number.bitPattern >> 16)
      #expect(half == low || half == low + 1)
    }
  }

  /// A move of a hundredth of a step of bfloat16 is seen in about a hundredth of the weights; rounding to the nearest sees nothing.
  @Test func smallMovesAreSeen() throws {
    let step = Float(0.02).ulp * 65536
    let before = [Float](repeating: 0.02, count: 1 << 20)
    let after = [Float](repeating: 0.02 + step / 100, count: 1 << 20)
    let (from, to) = (dithered(before), dithered(after))
    let moved = zip(from, to).count { $0 != $1 }
    #expect(abs(Double(moved) / Double(1 << 20) - 0.01) < 0.001)
    // Nearly as many are above as the number asks for.
    let mean = from.reduce(0.0) { $0 + Double(float($1)) } / Double(from.count)
    #expect(abs(mean - Double(Float(0.02))) < Double(step) / 500)
    let movement = ck_measure_movement(after, before, 0, 0, 1 << 20)
    #expect(abs(movement.dithered / movement.all - 1) < 0.1 && movement.nearest == 0)
  }

  @Test func thePlaceAloneDecides() throws {
    let numbers = (0..<1000).map { Float($0) * 0.001 + 0.01 }
    #expect(dithered(numbers, from: 40) == Array(dithered([Float](repeating: 1, count: 40) + numbers).dropFirst(40)))
    #expect(dithered(numbers) != dithered(numbers, from: 1))
    // A tensor, the numbers in place, and the panels of an answering model agree.
    let halves = dithered(numbers, from: 77)
    let tensor = try Tensor(numbers, shape: [50, 20]).dithered(from: 77)
    let own = Array(UnsafeBufferPointer(start: tensor.bytes.assumingMemoryBound(to: UInt16.self), count: 1000))
    var floats = numbers
    ck_dither_floats(&floats, 77, 0, 1000)
    var packed = [UInt8](repeating: 0, count: Int(ck_bfloat16_weights_size(50, 20)))
    ck_bfloat16_pack_weights(numbers, &packed, 50, 20, 77, 0, 4)
    var row = [Float](repeating: 0, count: 20)
    for index in 0..<50 {
      ck_bfloat16_unpack_row(packed, Int64(index), &row, 20)
      #expect(row == Array(floats[index * 20..<(index + 1) * 20]))
    }
    #expect(own == halves && floats == halves.map(float))
  }
}
