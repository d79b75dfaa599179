/// A tensor to be written: its description now, its numbers when its turn comes.
public struct OutputTensor {
  /// The name in the checkpoint.
  public let name: String
  /// The type to store: float32, float16 or bfloat16, or uint8 for whole numbers up to 255.
  public let elementType: ElementType
  /// The size of each dimension.
  public let shape: [Int]
  /// Calls its argument with the numbers row by row, all at once or part after part.
  public let withFloats: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void

  /// A tensor whose numbers `withFloats` lends, row by row, all at once or part after part, as many as `shape` says.
  public init(
    name: String, elementType: ElementType, shape: [Int],
    withFloats: @escaping (_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws -> Void
  ) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.withFloats = withFloats
  }

  /// A tensor of bytes, which live until they are written.
  package init(name: String, shape: [Int], bytes: UnsafeBufferPointer<UInt8>) {
    self.init(name: name, elementType: .uint8, shape: shape) { body in
      for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
        let part = bytes[start..<min(start + 1 << 20, bytes.count)]
        try part.map { Float($0) }.withUnsafeBufferPointer(body)
      }
    }
  }

  /// Bytes that the tensor takes in the file.
  public var byteCount: Int { elementCount * elementType.size }
  var elementCount: Int { shape.reduce(1, *) }
}
