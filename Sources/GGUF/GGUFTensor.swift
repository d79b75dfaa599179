import ModelFiles

/// A tensor to be written into a GGUF file.
struct GGUFTensor {
  /// Where the numbers come from.
  enum Source {
    case stored(StoredTensor)
    /// Rows in another order than they are stored in.
    case reordered(StoredTensor, HeadRows)
    case numbers([Float])
  }

  let name: String
  /// The size of each dimension, rows first.
  let shape: [Int]
  let type: GGUFTensorType
  let source: Source
  /// Where its first number stands among all of the model's, if the numbers become bfloat16 by the dither of their places.
  var ditheredFrom: Int?

  /// Bytes in the file, without what aligns the next.
  var byteCount: Int { type.byteCount(of: shape.reduce(1, *)) }

  /// Numbers that are read, converted and written at a time.
  private static let chunk = 1 << 22

  /// Appends the tensor's bytes, in bounded memory.
  /// - Parameter progress: Called with the bytes of each part that is written.
  /// - Throws: `ModelFileError`.
  func write(to file: AtomicFile, progress: (Int) -> Void) throws {
    switch source {
    case .numbers(let numbers):
      try numbers.withUnsafeBufferPointer { try write($0, to: file, progress: progress) }
    case .stored(let tensor):
      // Whatever the shape, parts are whole rows, and so whole blocks.
      let columns = shape.last ?? 1
      let part = max(1, Self.chunk / columns) * columns
      try inParts(of: part, tensor, to: file, progress: progress) { bytes, range, floats in
        let size = tensor.elementType.size
        let piece = bytes[range.lowerBound * size..<range.upperBound * size]
        FloatConversion.widen(UnsafeRawBufferPointer(rebasing: piece), tensor.elementType, into: floats)
        if let ditheredFrom { WeightRounding.dither(floats, from: ditheredFrom + range.lowerBound) }
      }
    case .reordered(let tensor, let rows):
      // The rows of a bias have one number each.
      let columns = shape.count > 1 ? shape[1] : 1
      let part = max(1, Self.chunk / columns) * columns
      try inParts(of: part, tensor, to: file, progress: progress) { bytes, range, floats in
        let size = tensor.elementType.size * columns
        for row in range.lowerBound / columns..<range.upperBound / columns {
          let source = rows.source(of: row)
          let target = row * columns - range.lowerBound
          let numbers = UnsafeMutableBufferPointer(rebasing: floats[target..<target + columns])
          FloatConversion.widen(
            UnsafeRawBufferPointer(rebasing: bytes[source * size..<(source + 1) * size]), tensor.elementType,
            into: numbers)
          if let ditheredFrom { WeightRounding.dither(numbers, from: ditheredFrom + source * columns) }
        }
      }
    }
  }

  private func inParts(
    of part: Int, _ tensor: StoredTensor, to file: AtomicFile, progress: (Int) -> Void,
    read: (UnsafeRawBufferPointer, Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(part, tensor.elementCount))
    defer { floats.deallocate() }
    floats.initialize(repeating: 0)
    try tensor.withBytes { bytes in
      for start in stride(from: 0, to: tensor.elementCount, by: part) {
        let range = start..<min(start + part, tensor.elementCount)
        let piece = UnsafeMutableBufferPointer(rebasing: floats[..<range.count])
        read(bytes, range, piece)
        try write(UnsafeBufferPointer(piece), to: file, progress: progress)
      }
    }
  }

  private func write(_ floats: UnsafeBufferPointer<Float>, to file: AtomicFile, progress: (Int) -> Void) throws {
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: type.byteCount(of: floats.count), alignment: 64)
    defer { output.deallocate() }
    if let elementType = type.elementType {
      if let large = FloatConversion.firstOverflow(of: floats, as: elementType) { throw tooLarge(large, file) }
      FloatConversion.narrow(floats, to: elementType, into: output)
    } else {
      if let number = floats.first(where: { !$0.isFinite }) {
        throw ModelFileError(file.path, "tensor '\(name)' holds \(number), which \(type.name) cannot")
      }
      if let large = Q8Block.quantize(floats, into: output) { throw tooLarge(large * 127, file) }
    }
    try file.write(UnsafeRawBufferPointer(output))
    progress(output.count)
  }

  private func tooLarge(_ number: Float, _ file: AtomicFile) -> ModelFileError {
    ModelFileError(file.path, "tensor '\(name)' holds \(number), which \(type.name) cannot; write bfloat16")
  }
}
