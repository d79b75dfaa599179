import Foundation

/// A tensor in a mapped file. Nothing is read until its elements are asked for.
public struct StoredTensor: Sendable {
  /// The name in the checkpoint.
  public let name: String
  /// The type of the elements.
  public let elementType: ElementType
  /// The size of each dimension; empty for a single number.
  public let shape: [Int]
  /// The product of the shape.
  public let elementCount: Int

  /// Elements between neighbours of each dimension; nil where they lie row by row without gaps.
  let strides: [Int]?
  let file: MappedFile
  /// The first element's place in the file. Whoever makes a tensor checks that all of its elements lie in the file.
  let offset: Int
  /// The tensors that stand in this one's place, where bitsandbytes quantized it to NF4. `elementType` is then what their
  /// numbers are rounded to, and `file` and `offset` are their codes'.
  public let nf4: StoredNF4?
  /// The tensors that stand in this one's place, where it is in FP8. `elementType` is then float32.
  let fp8: StoredFP8?
  /// How the numbers of a GGUF file lie where they are not one by one. `elementType` is then float32.
  let blocks: BlockFormat?
  /// The order of rows in a GGUF file, where it is another.
  let rows: HeadRows?
  /// What is added to each number; not 0 only where these are float32.
  let shift: Float

  init(
    name: String, elementType: ElementType, shape: [Int], elementCount: Int, strides: [Int]?, file: MappedFile,
    offset: Int, nf4: StoredNF4? = nil, fp8: StoredFP8? = nil, blocks: BlockFormat? = nil, rows: HeadRows? = nil,
    shift: Float = 0
  ) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.elementCount = elementCount
    self.strides = strides
    self.file = file
    self.offset = offset
    self.nf4 = nf4
    self.fp8 = fp8
    self.blocks = blocks
    self.rows = rows
    self.shift = shift
  }

  /// Bytes of all elements, row by row.
  public var byteCount: Int { elementCount * elementType.size }
  /// The file that holds the tensor.
  public var path: String { file.path }
  /// What of the file is read for the tensor.
  var parts: [StoredTensor] { nf4?.parts ?? fp8.map { [$0.codes] } ?? blocks.map { [packed($0)] } ?? [self] }

  /// The same tensor under another name.
  func named(_ name: String) -> StoredTensor {
    StoredTensor(
      name: name, elementType: elementType, shape: shape, elementCount: elementCount, strides: strides, file: file,
      offset: offset, nf4: nf4, fp8: fp8, blocks: blocks, rows: rows, shift: shift)
  }

  /// Whether it is a matrix whose numbers lie row by row in the file as they are.
  package var liesRowByRow: Bool { shape.count == 2 && liesInFile }

  /// Whether the numbers lie one after the other in the file as they are.
  private var liesInFile: Bool {
    strides == nil && nf4 == nil && fp8 == nil && blocks == nil && rows == nil && shift == 0
  }

  /// The elements' bytes where they lie in the mapped file, and what keeps it mapped; nil where they do not lie one after the
  /// other. They must not be written to.
  package var mapped: (bytes: UnsafeRawBufferPointer, owner: AnyObject)? {
    liesInFile ? (UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + byteCount]), file) : nil
  }

  /// Some rows of a matrix that lies row by row.
  func part(rows range: Range<Int>) -> StoredTensor {
    precondition(liesRowByRow && range.lowerBound >= 0 && range.upperBound <= shape[0])
    let columns = shape[1]
    return StoredTensor(
      name: name, elementType: elementType, shape: [range.count, columns], elementCount: range.count * columns,
      strides: nil, file: file, offset: offset + range.lowerBound * columns * elementType.size)
  }

  /// Takes the pages that have been read off the process's memory, as part of which they would count.
  func release() {
    for part in parts { part.file.release(at: part.offset, count: part.byteCount) }
  }

  /// Calls `body` with the elements' bytes, row by row, little-endian, at an address without any alignment. The bytes
  /// are the mapped file's own but for strided tensors, which are gathered first, and quantized ones, which are widened.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    if let mapped { return try body(mapped.bytes) }
    let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { gathered.deallocate() }
    if let strides { gather(strides: strides, into: gathered) }
    nf4?.widen(to: elementType, into: gathered)
    fp8?.widen(into: gathered)
    if blocks != nil || rows != nil || shift != 0 { readRows(into: gathered) }
    if shift != 0 {
      let numbers = gathered.bindMemory(to: Float.self)
      for place in numbers.indices { numbers[place] += shift }
    }
    return try body(UnsafeRawBufferPointer(gathered))
  }

  /// Reads the elements as float32, row by row. float16 and bfloat16 are widened exactly, float64 is rounded.
  /// - Parameter output: Room for exactly `elementCount` numbers.
  /// - Throws: `ModelFileError` where the elements are no floating-point numbers, or `output` has another size.
  public func readFloats(into output: UnsafeMutableBufferPointer<Float>) throws {
    guard elementType.isFloat else {
      throw ModelFileError(path, "tensor \(quoted(name)) holds \(elementType.torchName), not floating-point numbers")
    }
    guard output.count == elementCount else {
      throw ModelFileError(
        path, "tensor \(quoted(name)) has \(elementCount) elements, and was to be read into \(output.count)")
    }
    withBytes { bytes in FloatConversion.widen(bytes, elementType, into: output) }
  }

  /// The elements as float32, row by row.
  /// - Throws: `ModelFileError` where the elements are no floating-point numbers.
  public func floats() throws -> [Float] {
    guard elementType.isFloat else {
      throw ModelFileError(path, "tensor \(quoted(name)) holds \(elementType.torchName), not floating-point numbers")
    }
    return try [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      try readFloats(into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
  }

  /// Copies strided elements to `output`, row by row, with an odometer over all dimensions but the last.
  private func gather(strides: [Int], into output: UnsafeMutableRawBufferPointer) {
    guard elementCount > 0, let source = file.bytes.baseAddress, let target = output.baseAddress else { return }
    let size = elementType.size
    let inner = shape.last ?? 1
    let innerStride = (strides.last ?? 1) * size
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var position = offset
    var written = 0
    while true {
      for element in 0..<inner {
        (target + written).copyMemory(from: source + position + element * innerStride, byteCount: size)
        written += size
      }
      var dimension = index.count - 1
      while dimension >= 0 {
        index[dimension] += 1
        position += strides[dimension] * size
        if index[dimension] < shape[dimension] { break }
        position -= index[dimension] * strides[dimension] * size
        index[dimension] = 0
        dimension -= 1
      }
      if dimension < 0 { return }
    }
  }
}

/// The product of a shape from a file; nil where a size is negative or the product overflows.
func checkedProduct(_ shape: [Int]) -> Int? {
  // A zero makes the whole product zero, however large the others are.
  if shape.contains(where: { $0 < 0 }) { return nil }
  if shape.contains(0) { return 0 }
  var product = 1
  for size in shape {
    let (next, overflow) = product.multipliedReportingOverflow(by: size)
    if overflow { return nil }
    product = next
  }
  return product
}
