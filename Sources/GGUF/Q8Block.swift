import ModelFiles
import Parallel

/// Q8_0, ggml's 8-bit quantization: of 32 neighbours in a row, the largest magnitude over 127 is the scale, and each is
/// the nearest multiple of it. The same bits as `quantize_row_q8_0_ref` of ggml gives.
enum Q8Block {
  /// Numbers a block.
  static let size = BlockFormat.q8_0.size
  /// A float16 and a byte each.
  static let byteCount = BlockFormat.q8_0.byteCount
  /// Blocks that one core does at a time.
  private static let chunk = 1 << 13

  /// Fills `output` with the blocks of `input`, whose numbers are finite and as many as whole blocks have.
  /// - Returns: A scale that float16 cannot hold, if there is one; the output is of no use then.
  static func quantize(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableRawBufferPointer
  ) -> Float? {
    let count = input.count / size
    precondition(input.count == count * size && output.count == count * byteCount)
    guard count > 0, let start = input.baseAddress, let end = output.baseAddress else { return nil }
    let scales = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    let halves = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 2)
    defer {
      scales.deallocate()
      halves.deallocate()
    }
    // Each iteration has blocks of its own.
    nonisolated(unsafe) let (source, target, scale) = (start, end, scales)
    onAllCores((count + chunk - 1) / chunk) { part in
      for block in part * chunk..<min((part + 1) * chunk, count) {
        scale.initializeElement(
          at: block, to: quantize(source + block * size, into: target + block * byteCount + 2))
      }
    }
    let known = UnsafeBufferPointer(scales)
    if let large = FloatConversion.firstOverflow(of: known, as: .float16) { return large }
    FloatConversion.narrow(known, to: .float16, into: halves)
    for block in 0..<count {
      output.storeBytes(
        of: halves.load(fromByteOffset: 2 * block, as: UInt16.self), toByteOffset: block * byteCount, as: UInt16.self)
    }
    return nil
  }

  /// Writes the 32 bytes of a block and returns its scale.
  private static func quantize(_ input: UnsafePointer<Float>, into output: UnsafeMutableRawPointer) -> Float {
    var largest: Float = 0
    for index in 0..<size { largest = max(largest, input[index].magnitude) }
    let scale = largest / 127
    // The inverse of what is all but zero would be infinite; as float16, such a scale is zero.
    let inverse = scale > 0 && (1 / scale).isFinite ? 1 / scale : 0
    for index in 0..<size {
      let rounded = (input[index] * inverse).rounded(.toNearestOrAwayFromZero)
      output.storeBytes(of: Int8(min(max(rounded, -127), 127)), toByteOffset: index, as: Int8.self)
    }
    return scale
  }
}
