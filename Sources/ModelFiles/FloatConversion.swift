import Parallel

/// Conversions between the stored floating-point types and float32.
///
/// The loops are branch-free integer arithmetic that the compiler turns into vector instructions; large tensors are
/// split over the cores, since one core alone does not use up the memory's bandwidth.
package enum FloatConversion {
  /// Elements that one core converts at a time.
  private static let chunk = 1 << 20

  /// Fills `output` with `bytes`, which hold as many little-endian elements of a floating-point `type`.
  package static func widen(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard let input = bytes.baseAddress, let target = output.baseAddress else { return }
    precondition(bytes.count == output.count * type.size)
    forEachChunk(of: output.count, from: input, to: UnsafeMutableRawPointer(target)) { range, input, output in
      let input = input + range.lowerBound * type.size
      let output = (output + range.lowerBound * 4).assumingMemoryBound(to: Float.self)
      switch type {
      case .float32: UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: range.count * 4)
      case .bfloat16:
        for index in 0..<range.count {
          let bits = input.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          output[index] = Float(bitPattern: UInt32(bits) << 16)
        }
      case .float16:
        for index in 0..<range.count {
          output[index] = float(half: input.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        }
      case .float64:
        for index in 0..<range.count {
          output[index] = Float(input.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
        }
      default: preconditionFailure("no floating-point type")
      }
    }
  }

  /// Fills `output` with `input` rounded to nearest, ties to even, as little-endian elements of `type`, which is
  /// float32, float16, bfloat16, or uint8 for whole numbers from 0 to 255.
  package static func narrow(
    _ input: UnsafeBufferPointer<Float>, to type: ElementType, into output: UnsafeMutableRawBufferPointer
  ) {
    guard let source = input.baseAddress, let target = output.baseAddress else { return }
    precondition(output.count == input.count * type.size)
    forEachChunk(of: input.count, from: UnsafeRawPointer(source), to: target) { range, input, output in
      let input = (input + range.lowerBound * 4).assumingMemoryBound(to: Float.self)
      let output = output + range.lowerBound * type.size
      switch type {
      case .float32: output.copyMemory(from: input, byteCount: range.count * 4)
      case .bfloat16:
        for index in 0..<range.count {
          output.storeBytes(of: bfloat(input[index]), toByteOffset: 2 * index, as: UInt16.self)
        }
      case .float16:
        for index in 0..<range.count {
          output.storeBytes(of: half(input[index]), toByteOffset: 2 * index, as: UInt16.self)
        }
      case .uint8:
        for index in 0..<range.count { output.storeBytes(of: UInt8(input[index]), toByteOffset: index, as: UInt8.self) }
      default: preconditionFailure("no type that is written")
      }
    }
  }

  /// The first finite number that would become infinite as `type`; only float16 is so narrow that this happens.
  package static func firstOverflow(of floats: UnsafeBufferPointer<Float>, as type: ElementType) -> Float? {
    type == .float16 ? floats.first { $0.magnitude >= 65520 && $0.isFinite } : nil
  }

  /// The float32 of a float16's bits.
  @inline(__always)
  private static func float(half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let magnitude = UInt32(half & 0x7FFF) << 13
    // Rebiased exponents; infinity and NaN (exponent 31) move up by as much again.
    let normal = magnitude &+ (112 << 23) &+ (magnitude >= 31 << 23 ? 112 << 23 : 0)
    // Subnormals become normal numbers by subtracting the implicit one that their exponent does not stand for. No
    // operand is subnormal, so that the processor's flush-to-zero mode does not matter.
    let subnormal = (Float(bitPattern: magnitude &+ (113 << 23)) - Float(bitPattern: 113 << 23)).bitPattern
    return Float(bitPattern: sign | (magnitude < 1 << 23 ? subnormal : normal))
  }

  /// A float32 as bfloat16's bits. NaN stays NaN.
  @inline(__always)
  private static func bfloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    return UInt16(truncatingIfNeeded: isNaN ? (bits >> 16) | 0x40 : rounded)
  }

  /// A float32 as float16's bits. NaN stays NaN; what is too large becomes infinity.
  @inline(__always)
  private static func half(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = (bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    let rounded = (magnitude &- (112 << 23) &+ 0xFFF &+ ((magnitude >> 13) & 1)) >> 13
    // Below 2^-14, adding 0.5 aligns the mantissa with float16's subnormal grid; the addition itself rounds.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let finite = magnitude < 113 << 23 ? small : rounded
    // 65520 and more rounds to infinity.
    let large = magnitude > 0x7F80_0000 ? 0x7E00 | ((magnitude >> 13) & 0x1FF) : 0x7C00
    return UInt16(truncatingIfNeeded: sign | (magnitude >= 0x477F_F000 ? large : finite))
  }

  private static func forEachChunk(
    of count: Int, from input: UnsafeRawPointer, to output: UnsafeMutableRawPointer,
    _ body: @Sendable (Range<Int>, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) {
    if count <= chunk { return body(0..<count, input, output) }
    // Chunks do not overlap, and all are done when the call returns.
    nonisolated(unsafe) let input = input
    nonisolated(unsafe) let output = output
    onAllCores((count + chunk - 1) / chunk) { index in
      body(index * chunk..<min((index + 1) * chunk, count), input, output)
    }
  }
}
