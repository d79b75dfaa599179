import CKernels

/// The scales of a matrix in NF4, quantized in their turn: 8 bits for the distance from their mean.
struct DoubledScales {
  private let codes: HostMemory
  /// One for 256 scales.
  private let scales: Tensor
  private let map: Tensor
  private let offset: Float

  /// Quantizes scales.
  init(_ numbers: Tensor) throws {
    let count = numbers.count
    let mean = numbers.array.reduce(0.0) { $0 + Double($1) } / Double(count)
    let distances = try Tensor(numbers.array.map { $0 - Float(mean) }, shape: [count])
    let codes = try HostMemory.take(count)
    let blocks = count.divided(by: CK_DYNAMIC_BLOCK)
    let scales = try Tensor(uninitialized: [blocks])
    let map = try Tensor(DynamicMap.signed, shape: [256])
    try parallel(blocks) { range in
      ck_dynamic_quantize(
        distances.floats, Int64(count), map.floats, codes.base.assumingMemoryBound(to: UInt8.self), scales.floats,
        Int64(range.lowerBound), Int64(range.upperBound))
    }
    (self.codes, self.scales, self.map, offset) = (codes, scales, map, Float(mean))
  }

  /// So many scales of a file.
  init(_ count: Int, _ codes: UnsafeRawBufferPointer, _ doubling: NF4Bytes.Doubling) throws {
    self.codes = try HostMemory.copy(of: codes, byteCount: count)
    scales = try Tensor(uninitialized: [count.divided(by: CK_DYNAMIC_BLOCK)])
    scales.copyBytes(doubling.scales)
    map = try Tensor(uninitialized: [256])
    map.copyBytes(doubling.map)
    offset = doubling.offset
  }

  /// Tells the kernels where the scales are.
  func describe(in weights: inout ck_nf4) {
    weights.scale_codes = UnsafePointer(codes.base.assumingMemoryBound(to: UInt8.self))
    weights.map = UnsafePointer(map.floats)
    weights.scale_scales = UnsafePointer(scales.floats)
    weights.scale_offset = offset
  }
}
