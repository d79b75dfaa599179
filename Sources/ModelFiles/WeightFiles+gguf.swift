import JSON

extension WeightFiles {
  /// The architectures of llama.cpp that turn neighbours of a head, and not its halves: their rows are interleaved.
  package static let ggufInterleaved: Set = ["llama", "smollm3", "granite"]

  /// The tensors of a GGUF file by the names that Hugging Face has for them.
  /// - Throws: `ModelFileError`, also for tensors that no model here has.
  static func ggufTensors(path: String) throws -> [StoredTensor] {
    let contents = try GGUFContents(path: path)
    let architecture = contents.metadata["general.architecture"]?.string ?? ""
    func size(_ key: String) -> Int? { contents.metadata["\(architecture).\(key)"]?.int }
    let heads = max(1, size("attention.head_count") ?? 1)
    let family = LlamaConfig.ModelType(ggufArchitecture: architecture)?.family
    let isInterleaved = ggufInterleaved.contains(architecture)
    let headSize = size("attention.key_length") ?? (size("embedding_length") ?? 0) / heads
    return try contents.tensors.compactMap { tensor in
      // Factors of rotary frequencies, which the configuration says.
      if tensor.name.hasPrefix("rope_f") { return nil }
      guard let (name, role) = huggingFaceName(tensor.name, of: family) else {
        throw ModelFileError(path, "holds a tensor \(quoted(tensor.name)), which no model that is read has")
      }
      let isReordered = isInterleaved && (role == .query || role == .key)
      guard !isReordered || headSize > 1 && headSize % 2 == 0 && (tensor.shape.first ?? 0) % headSize == 0 else {
        throw ModelFileError(
          path, "tensor \(quoted(tensor.name)) of shape \(tensor.shape) has no whole heads of \(headSize)")
      }
      return StoredTensor(
        name: name, elementType: tensor.elementType, shape: tensor.shape, elementCount: tensor.elementCount,
        strides: nil, file: tensor.file, offset: tensor.offset, blocks: tensor.blocks,
        rows: isReordered ? HeadRows(headSize: headSize) : nil,
        // A file has norms with what the family adds to their weights.
        shift: tensor.elementType == .float32 && role.isNorm ? -(family?.normOffset ?? 0) : 0)
    }
  }

  private static func huggingFaceName(_ name: String, of family: Family?) -> (String, Architecture.Role)? {
    var parts = name.split(separator: ".").map(String.init)
    guard let ending = parts.popLast(), ending == "weight" || ending == "bias" else { return nil }
    var layer = ""
    if parts.first == "blk", parts.count > 2 {
      layer = "model.layers.\(parts[1])."
      parts.removeFirst(2)
    }
    let isFused = family?.fusesProjections == true
    let roles = Architecture.Role.allCases.filter { $0.ggufModule == parts.joined(separator: ".") }
    guard let role = roles.first(where: { $0.isFused == isFused }) ?? roles.first else { return nil }
    return (layer + role.module(of: family) + "." + ending, role)
  }
}

extension Architecture.Role {
  fileprivate var isFused: Bool { self == .queryKeyValue || self == .gateUp }

  fileprivate var isNorm: Bool {
    [.attentionNorm, .queryNorm, .keyNorm, .outputNorm, .feedForwardNorm, .downNorm, .norm].contains(self)
  }
}

extension LlamaConfig.ModelType {
  /// The type whose models llama.cpp calls by an architecture's name, where they are read. OLMo 3's are OLMo 2 with windows.
  package init?(ggufArchitecture: String) {
    let known: [String: Self] = [
      "llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3, "smollm3": .smollm3, "granite": .granite, "olmo2": .olmo2,
      "phi3": .phi3, "gemma2": .gemma2, "gemma3": .gemma3,
    ]
    guard let type = known[ggufArchitecture] else { return nil }
    self = type
  }
}
