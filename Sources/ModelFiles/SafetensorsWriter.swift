import JSON

/// Writes safetensors files. Metadata is `{"format": "pt"}`, which transformers asks for.
package enum SafetensorsWriter {
  /// Bytes that are converted and written at a time.
  private static let chunk = 16 << 20

  /// Writes `tensors` beside the file at `path` and syncs them; `commit` of the result puts the file in place.
  /// - Throws: `ModelFileError`, and whatever the tensors' closures throw.
  package static func write(_ tensors: [OutputTensor], to path: String) throws -> AtomicFile {
    // Wider elements first, as the reference implementation has it, so that each tensor is aligned.
    let ordered = tensors.enumerated().sorted {
      ($1.element.elementType.size, $0.offset) < ($0.element.elementType.size, $1.offset)
    }.map(\.element)
    let header = try header(ordered, path: path)
    let file = try AtomicFile(path, expectedBytes: header.count + ordered.reduce(0) { $0 + $1.byteCount })
    try file.write(header)
    for tensor in ordered { try write(tensor, to: file) }
    try file.sync()
    return file
  }

  /// Length and JSON, padded with spaces so that the data begin at a multiple of 8.
  private static func header(_ tensors: [OutputTensor], path: String) throws -> [UInt8] {
    var members: TextKeyed<JSON> = ["__metadata__": ["format": "pt"]]
    var offset = 0
    for tensor in tensors {
      guard members[tensor.name] == nil else {
        throw ModelFileError(path, "tensor \(quoted(tensor.name)) would be written twice")
      }
      let end = offset + tensor.byteCount
      members[tensor.name] = [
        "dtype": .string(tensor.elementType.rawValue), "shape": .array(tensor.shape.map(JSON.integer)),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var text = Array(JSON.object(members).text.utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }

  private static func write(_ tensor: OutputTensor, to file: AtomicFile) throws {
    var written = 0
    try tensor.withFloats { floats in
      written += floats.count
      guard written <= tensor.elementCount else { return }
      if tensor.elementType == .float32 { return try file.write(UnsafeRawBufferPointer(floats)) }
      let size = tensor.elementType.size
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
      defer { buffer.deallocate() }
      for start in stride(from: 0, to: floats.count, by: chunk / size) {
        let part = UnsafeBufferPointer(rebasing: floats[start..<min(start + chunk / size, floats.count)])
        try requireFit(part, tensor, path: file.path)
        let output = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(part.count * size)])
        FloatConversion.narrow(part, to: tensor.elementType, into: output)
        try file.write(UnsafeRawBufferPointer(output))
      }
    }
    guard written == tensor.elementCount else {
      throw ModelFileError(
        file.path, "tensor \(quoted(tensor.name)) of shape \(tensor.shape) was given \(written) numbers")
    }
  }

  /// Refuses to turn a large number into infinity.
  private static func requireFit(_ floats: UnsafeBufferPointer<Float>, _ tensor: OutputTensor, path: String) throws {
    if let large = FloatConversion.firstOverflow(of: floats, as: tensor.elementType) {
      throw ModelFileError(
        path, "tensor \(quoted(tensor.name)) holds \(large), which float16 cannot; write bfloat16 or float32")
    }
  }
}
