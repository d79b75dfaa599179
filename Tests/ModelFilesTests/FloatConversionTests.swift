import Foundation
import JSON
import ModelFiles
import Testing

@Suite struct FloatConversionTests {
  @Test(arguments: [ElementType.float16, .bfloat16])
  func roundsAsPyTorchDoes(type: ElementType) throws {
    let table = try json(fixtures.appendingPathComponent("roundings.json"))
    let floats = try #require(table["float32"]?.array).map { Float(bitPattern: UInt32($0.int ?? 0)) }
    let expected = try #require(table[type.torchName]?.array).map { UInt16($0.int ?? 0) }
    #expect(narrow(floats, type) == expected)
  }

  @Test func everyFloat16IsItsValue() {
    let all = (UInt16.min ... .max).map { $0 }
    for (bits, float) in zip(all, widen(all, .float16)) {
      let exponent = Int(bits >> 10 & 31)
      let fraction = Double(bits & 1023) / 1024
      let magnitude: Double =
        switch exponent {
        case 0: fraction * 0x1p-14
        case 31: fraction == 0 ? .infinity : .nan
        default: (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
      let matches = magnitude.isNaN ? float.isNaN : Double(float.magnitude) == magnitude
      if !matches || (float.sign == .minus) != (bits >> 15 == 1) { Issue.record("\(bits) became \(float)") }
    }
  }

  @Test(arguments: [ElementType.float16, .bfloat16])
  func wideningAndNarrowingGiveTheSameBits(type: ElementType) {
    let all = (UInt16.min ... .max).map { $0 }
    let floats = widen(all, type)
    for (before, (float, after)) in zip(all, zip(floats, narrow(floats, type))) {
      if float.isNaN ? !widen([after], type)[0].isNaN : before != after { Issue.record("\(before) became \(after)") }
    }
  }

  @Test func nanStaysNaNAndLargeNumbersBecomeInfinity() {
    let nan = Float(bitPattern: 0x7F80_0001)
    for type in [ElementType.float16, .bfloat16] {
      #expect(widen(narrow([nan, -nan, .infinity], type), type).map(\.isNaN) == [true, true, false])
    }
    #expect(widen(narrow([65519, 65520, -1e38], .float16), .float16) == [65504, .infinity, -.infinity])
    #expect(widen(narrow([Float.greatestFiniteMagnitude], .bfloat16), .bfloat16) == [.infinity])
  }

  @Test func tensorsLargerThanAChunkAreWhole() {
    let count = 5 << 19
    let halves = (0..<count).map { UInt16(truncatingIfNeeded: $0 % 31_000) }
    #expect(narrow(widen(halves, .float16), .float16) == halves)
    #expect(narrow(widen(halves, .bfloat16), .bfloat16) == halves)
  }

  private func narrow(_ floats: [Float], _ type: ElementType) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: floats.count) { buffer, count in
      let output = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(floats.count * 2)])
      floats.withUnsafeBufferPointer { FloatConversion.narrow($0, to: type, into: output) }
      count = floats.count
    }
  }

  private func widen(_ halves: [UInt16], _ type: ElementType) -> [Float] {
    [Float](unsafeUninitializedCapacity: halves.count) { buffer, count in
      let output = UnsafeMutableBufferPointer(rebasing: buffer[..<halves.count])
      halves.withUnsafeBytes { FloatConversion.widen($0, type, into: output) }
      count = halves.count
    }
  }
}
