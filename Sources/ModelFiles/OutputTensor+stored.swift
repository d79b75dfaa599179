extension OutputTensor {
  /// Numbers that are read at a time.
  private static let part = 1 << 22

  /// A tensor that is written again, as another type perhaps. It is read part by part, in bounded memory.
  /// - Parameter progress: Called with the number of elements before each part of them is written.
  /// - Throws: `ModelFileError` where the elements are no floating-point numbers.
  public init(
    _ tensor: StoredTensor, as elementType: ElementType, progress: @escaping (Int) -> Void = { _ in }
  ) throws {
    guard tensor.elementType.isFloat else {
      throw ModelFileError(
        tensor.path, "tensor \(quoted(tensor.name)) holds \(tensor.elementType.torchName), not floating-point numbers")
    }
    self.init(name: tensor.name, elementType: elementType, shape: tensor.shape) { body in
      let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(Self.part, tensor.elementCount))
      defer { floats.deallocate() }
      floats.initialize(repeating: 0)
      try tensor.withBytes { bytes in
        let size = tensor.elementType.size
        for start in stride(from: 0, to: tensor.elementCount, by: Self.part) {
          let end = min(start + Self.part, tensor.elementCount)
          let piece = UnsafeMutableBufferPointer(rebasing: floats[..<(end - start)])
          let source = UnsafeRawBufferPointer(rebasing: bytes[start * size..<end * size])
          FloatConversion.widen(source, tensor.elementType, into: piece)
          progress(piece.count)
          try body(UnsafeBufferPointer(piece))
        }
      }
    }
  }
}
