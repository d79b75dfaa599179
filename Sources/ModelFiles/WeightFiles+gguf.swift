import JSON

extension WeightFiles {
  /// The tensors of a GGUF file by the names that Hugging Face has for them.
  /// - Throws: `ModelFileError`, also for tensors that no model here has.
  static func ggufTensors(path: String) throws -> [StoredTensor] {
    let contents = try GGUFContents(path: path)
    let architecture = contents.metadata["general.architecture"]?.string ?? ""
    func size(_ key: String) -> Int? { contents.metadata["\(architecture).\(key)"]?.int }
    let heads = max(1, size("attention.head_count") ?? 1)
    let headSize = size("attention.key_length") ?? (size("embedding_length") ?? 0) / heads
    return try contents.tensors.compactMap { tensor in
      // Factors of rotary frequencies, which the configuration says.
      if tensor.name == "rope_freqs.weight" { return nil }
      guard let (name, role) = huggingFaceName(tensor.name) else {
        throw ModelFileError(path, "holds a tensor \(quoted(tensor.name)), which no model that is read has")
      }
      let isReordered = architecture == "llama" && (role == .query || role == .key)
      guard !isReordered || headSize > 1 && headSize % 2 == 0 && (tensor.shape.first ?? 0) % headSize == 0 else {
        throw ModelFileError(
          path, "tensor \(quoted(tensor.name)) of shape \(tensor.shape) has no whole heads of \(headSize)")
      }
      return StoredTensor(
        name: name, elementType: tensor.elementType, shape: tensor.shape, elementCount: tensor.elementCount,
        strides: nil, file: tensor.file, offset: tensor.offset, blocks: tensor.blocks,
        rows: isReordered ? HeadRows(headSize: headSize) : nil)
    }
  }

  private static func huggingFaceName(_ name: String) -> (String, Architecture.Role)? {
    var parts = name.split(separator: ".").map(String.init)
    guard let ending = parts.popLast(), ending == "weight" || ending == "bias" else { return nil }
    var layer = ""
    if parts.first == "blk", parts.count > 2 {
      layer = "model.layers.\(parts[1])."
      parts.removeFirst(2)
    }
    guard let role = Architecture.Role.allCases.first(where: { $0.ggufModule == parts.joined(separator: ".") }) else {
      return nil
    }
    return (layer + role.module() + "." + ending, role)
  }
}
