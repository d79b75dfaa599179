import JSON

/// What a GGUF file holds, of version 2 or 3: metadata, and tensors by llama.cpp's names
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
///
/// Nothing that the file claims is trusted: counts and lengths are believed as far as there are bytes for them.
package struct GGUFContents {
  /// The file.
  package let path: String
  /// The metadata, as JSON has such values.
  package let metadata: TextKeyed<JSON>
  /// The tensors, in the order of the file.
  package let tensors: [StoredTensor]

  /// Maps a file and reads all but the tensors' numbers.
  /// - Throws: `ModelFileError`.
  package init(path: String) throws {
    let file = try MappedFile(path)
    self.path = path
    var reader = GGUFReader(file)
    guard try reader.number(UInt32.self) == 0x4655_4747 else { throw ModelFileError(path, "is no GGUF file") }
    let version = try reader.number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw ModelFileError(path, "is GGUF of version \(version), which is not read (2 and 3 are)")
    }
    // A tensor's description takes 32 bytes at least, a key and its value 13.
    let tensorCount = try reader.count(of: "tensors", atLeast: 32)
    var metadata: TextKeyed<JSON> = [:]
    for _ in 0..<(try reader.count(of: "values", atLeast: 13)) {
      let key = try reader.text()
      guard metadata.updateValue(try reader.value(), forKey: key) == nil else {
        throw ModelFileError(path, "has the key \(quoted(key)) twice")
      }
    }
    self.metadata = metadata
    let descriptions = try (0..<tensorCount).map { _ in try Description(&reader) }
    let alignment = metadata["general.alignment"]?.int ?? 32
    guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
      throw ModelFileError(path, "general.alignment must be a power of two, not \(alignment)")
    }
    let start = (reader.position + alignment - 1) / alignment * alignment
    tensors = try descriptions.map { try $0.tensor(in: file, from: start) }
  }

  /// A tensor as the file describes it.
  private struct Description {
    let name: String
    let shape: [Int]
    let type: UInt32
    let offset: Int

    init(_ reader: inout GGUFReader) throws {
      name = try reader.text()
      let dimensions = try reader.number(UInt32.self)
      guard dimensions <= 4 else { throw reader.problem("tensor \(quoted(name)) has \(dimensions) dimensions") }
      // The dimension whose neighbours lie side by side comes first.
      shape = try (0..<dimensions).map { _ in Int(clamping: try reader.number(UInt64.self)) }.reversed()
      type = try reader.number(UInt32.self)
      offset = Int(clamping: try reader.number(UInt64.self))
    }

    func tensor(in file: MappedFile, from start: Int) throws -> StoredTensor {
      func problem(_ reason: String) -> ModelFileError { ModelFileError(file.path, "tensor \(quoted(name)) \(reason)") }
      let blocks = BlockFormat(rawValue: type)
      let plain: [UInt32: ElementType] = [0: .float32, 1: .float16, 28: .float64, 30: .bfloat16]
      guard let elementType = blocks == nil ? plain[type] : .float32 else {
        throw problem(
          "is of ggml's type \(type), which is not read (F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K are)"
        )
      }
      guard let count = checkedProduct(shape), count <= Int.max / 8 else { throw problem("overflows: \(shape)") }
      if let blocks, (shape.last ?? 1) % blocks.size != 0 {
        throw problem("has rows of \(shape.last ?? 1) numbers, which are no whole blocks of \(blocks.size)")
      }
      let byteCount = blocks.map { count / $0.size * $0.byteCount } ?? count * elementType.size
      guard offset <= file.bytes.count - start, file.slice(at: start + offset, count: byteCount) != nil else {
        throw problem("reaches beyond the file, which is cut off")
      }
      return StoredTensor(
        name: name, elementType: elementType, shape: shape, elementCount: count, strides: nil, file: file,
        offset: start + offset, blocks: blocks)
    }
  }
}
