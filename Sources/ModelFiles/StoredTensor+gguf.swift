import Parallel

extension StoredTensor {
  // Numbers that one core reads at a time.
  private static let part = 1 << 16

  /// The bytes in the file that blocks take.
  func packed(_ blocks: BlockFormat) -> StoredTensor {
    let count = elementCount / blocks.size * blocks.byteCount
    return StoredTensor(
      name: name, elementType: .uint8, shape: [count], elementCount: count, strides: nil, file: file, offset: offset)
  }

  /// Fills `output` with the rows in their own order, widened to float32 where they are blocks.
  func readRows(into output: UnsafeMutableRawBufferPointer) {
    let columns = shape.count > 1 ? shape[shape.count - 1] : rows == nil ? elementCount : 1
    guard elementCount > 0, let target = output.baseAddress, let source = file.bytes.baseAddress else { return }
    let (count, stride) = (elementCount / columns, columns * elementType.size)
    let packed = blocks.map { columns / $0.size * $0.byteCount } ?? stride
    let rowsOfPart = max(1, Self.part / columns)
    // Each part has rows of its own.
    nonisolated(unsafe) let (from, to) = (source + offset, target)
    onAllCores((count + rowsOfPart - 1) / rowsOfPart) { part in
      for row in part * rowsOfPart..<min(count, (part + 1) * rowsOfPart) {
        let place = to + (rows?.source(of: row) ?? row) * stride
        guard let blocks else {
          place.copyMemory(from: from + row * packed, byteCount: stride)
          continue
        }
        blocks.widen(
          (from + row * packed).assumingMemoryBound(to: UInt8.self), count: columns / blocks.size,
          into: place.assumingMemoryBound(to: Float.self))
      }
    }
  }
}
