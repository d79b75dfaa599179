import JSON
import ModelFiles

/// A file in GGUF, version 3: metadata, the tensors' descriptions, the tensors' bytes
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
struct GGUFFile {
  /// Tensors begin at multiples of as many bytes.
  static let alignment = 32

  let metadata: TextKeyed<MetadataValue>
  let tensors: [GGUFTensor]

  /// Bytes of the whole file.
  var byteCount: Int { tensors.reduce(header.count) { $0 + Self.aligned($1.byteCount) } }

  /// Writes the file at `path`, whole or not at all.
  /// - Throws: `ModelFileError`.
  func write(to path: String, progress: (Int) -> Void) throws {
    let file = try AtomicFile(path, expectedBytes: byteCount)
    let header = header
    try file.write(header)
    progress(header.count)
    for tensor in tensors {
      try tensor.write(to: file, progress: progress)
      let padding = Self.aligned(tensor.byteCount) - tensor.byteCount
      try file.write([UInt8](repeating: 0, count: padding))
      progress(padding)
    }
    try file.commit()
  }

  /// All that comes before the tensors' bytes.
  private var header: [UInt8] {
    var bytes = Array("GGUF".utf8)
    bytes.append(number: UInt32(3))
    bytes.append(number: UInt64(tensors.count))
    bytes.append(number: UInt64(metadata.count))
    for (key, value) in metadata {
      bytes.append(string: Array(key.utf8))
      value.append(to: &bytes)
    }
    var offset = 0
    for tensor in tensors {
      bytes.append(string: Array(tensor.name.utf8))
      bytes.append(number: UInt32(tensor.shape.count))
      // The dimension whose neighbours lie side by side comes first.
      for size in tensor.shape.reversed() { bytes.append(number: UInt64(size)) }
      bytes.append(number: tensor.type.rawValue)
      bytes.append(number: UInt64(offset))
      offset += Self.aligned(tensor.byteCount)
    }
    return bytes + [UInt8](repeating: 0, count: Self.aligned(bytes.count) - bytes.count)
  }

  private static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
