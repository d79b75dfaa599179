import Foundation
import JSON

extension ModelFolder {
  /// A configuration that ties the output projection to the embedding, beside weights that hold another one: as in
  /// transformers, the weights are right.
  /// - Returns: the configuration that fits the weights; nil where it does already, or where there is nothing to compare.
  static func untied(_ config: LlamaConfig, _ url: URL) -> LlamaConfig? {
    guard config.tiesEmbeddings, config.head == .vocabulary, let weights = try? WeightFiles(folder: url),
      let output = weights.tensors[Architecture.projectionName],
      let embedding = weights.tensors[Architecture.embeddingName], output.shape == embedding.shape,
      output.elementType.isFloat, embedding.elementType.isFloat, !output.holdsTheSame(as: embedding)
    else { return nil }
    var config = config
    config.tiesEmbeddings = false
    if var members = config.json.object {
      members["tie_word_embeddings"] = false
      config.json = .object(members)
    }
    return config
  }
}

extension StoredTensor {
  /// Whether both hold the same numbers, whatever type they are stored in.
  fileprivate func holdsTheSame(as other: StoredTensor) -> Bool {
    // PyTorch stores tensors that are one in memory once.
    if path == other.path, offset == other.offset, strides == other.strides, elementType == other.elementType {
      return true
    }
    guard elementType == other.elementType else { return (try? floats() == other.floats()) ?? false }
    return withBytes { own in
      other.withBytes { other in
        guard let left = own.baseAddress, let right = other.baseAddress else { return own.count == other.count }
        return own.count == other.count && memcmp(left, right, own.count) == 0
      }
    }
  }
}
