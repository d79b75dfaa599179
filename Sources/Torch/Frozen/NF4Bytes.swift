/// A matrix in NF4 as a file of bitsandbytes has it, in little-endian bytes at addresses without any alignment.
public struct NF4Bytes {
  /// Two numbers a byte, the first in the high half.
  public var codes: UnsafeRawBufferPointer
  /// For 64 numbers a scale: in float32, or in 8 bits where there is a `doubling`.
  public var scales: UnsafeRawBufferPointer
  /// What scales of 8 bits mean.
  public var doubling: Doubling?

  /// Double quantization: a scale is map[code] · scales[block of 256] + offset.
  public struct Doubling {
    /// The 256 values in float32.
    public var map: UnsafeRawBufferPointer
    /// For 256 scales one of their own, in float32.
    public var scales: UnsafeRawBufferPointer
    /// The scales' mean.
    public var offset: Float

    /// What a file says.
    public init(map: UnsafeRawBufferPointer, scales: UnsafeRawBufferPointer, offset: Float) {
      (self.map, self.scales, self.offset) = (map, scales, offset)
    }
  }

  /// What a file says.
  public init(codes: UnsafeRawBufferPointer, scales: UnsafeRawBufferPointer, doubling: Doubling? = nil) {
    (self.codes, self.scales, self.doubling) = (codes, scales, doubling)
  }
}

extension HostMemory {
  /// A copy of so many bytes.
  static func copy(
    of bytes: UnsafeRawBufferPointer, byteCount: Int, isReserved: Bool = false
  ) throws -> HostMemory {
    precondition(bytes.count == byteCount)
    let memory = try room(byteCount, isReserved: isReserved)
    UnsafeMutableRawBufferPointer(start: memory.base, count: byteCount).copyMemory(from: bytes)
    return memory
  }
}

extension Tensor {
  /// Fills a contiguous tensor with bytes, as many as it has.
  func copyBytes(_ bytes: UnsafeRawBufferPointer) {
    precondition(isContiguous && bytes.count == count * dtype.size)
    UnsafeMutableRawBufferPointer(start: self.bytes, count: bytes.count).copyMemory(from: bytes)
  }
}
