import CKernels
import Testing

@Suite("Floats in two halves")
struct SplitTests {
  /// 2^20 bit patterns: random ones, ties between bfloat16 numbers, and all that is special.
  private static let numbers: [Float] = {
    var state: UInt64 = 9
    var numbers = (0..<1 << 20).map { index -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let bits = UInt32(truncatingIfNeeded: state >> 32)
      return Float(bitPattern: index % 16 == 0 ? bits & 0xFFFF_0000 | 0x8000 : bits)
    }
    let special: [Float] = [
      0, -0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1, 0.02, -0.02,
    ]
    for (index, number) in special.enumerated() { numbers[index * 7] = number }
    return numbers
  }()

  private func halves(_ x: [Float], dithered: Bool) -> (half: [UInt16], rest: [UInt16]) {
    var (half, rest) = ([UInt16](repeating: 7, count: x.count), [UInt16](repeating: 7, count: x.count))
    let middle = Int64(x.count / 3)
    ck_split(x, &half, &rest, dithered ? 1 : 0, middle, Int64(x.count))
    ck_split(x, &half, &rest, dithered ? 1 : 0, 0, middle)
    return (half, rest)
  }

  @Test("both together are the float again", arguments: [false, true])
  func roundTrip(dithered: Bool) {
    let (half, rest) = halves(Self.numbers, dithered: dithered)
    var joined = [Float](repeating: 0, count: half.count)
    ck_join(half, rest, &joined, dithered ? 1 : 0, 0, Int64(half.count))
    #expect(joined.map(\.bitPattern) == Self.numbers.map(\.bitPattern))
  }

  @Test func theHalfIsTheNearestBFloat16() {
    let numbers = Self.numbers.filter { !$0.isNaN }
    let (half, _) = halves(numbers, dithered: false)
    var nearest = [UInt16](repeating: 0, count: numbers.count)
    ck_to_bfloat16(numbers, &nearest, 0, Int64(numbers.count))
    var ties = 0
    for (index, number) in numbers.enumerated() where half[index] != nearest[index] {
      #expect(number.bitPattern & 0xFFFF == 0x8000)
      ties += 1
    }
    #expect(ties > 0)
  }

  /// A move of a hundredth of a step of bfloat16 is seen in about a hundredth of the halves.
  @Test func ditheredHalvesFollowSmallMoves() {
    let step = Float(0.02).ulp * 65536
    let before = [Float](repeating: 0.02, count: 1 << 20)
    let after = [Float](repeating: 0.02 + step / 100, count: 1 << 20)
    let (from, to) = (halves(before, dithered: true).half, halves(after, dithered: true).half)
    let moved = zip(from, to).count { $0 != $1 }
    #expect(abs(Double(moved) / Double(1 << 20) - 0.01) < 0.001)
    #expect(halves(before, dithered: false).half == halves(after, dithered: false).half)
    // Nearly as many are above as the number asks for.
    let mean = from.reduce(0.0) { $0 + Double(Float(bitPattern: UInt32($1) << 16)) } / Double(from.count)
    #expect(abs(mean - Double(Float(0.02))) < Double(step) / 500)
  }
}
