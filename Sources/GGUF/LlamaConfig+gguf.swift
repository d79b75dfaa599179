import Foundation
import JSON
import ModelFiles

/// A model's shape in the words of llama.cpp.
extension LlamaConfig {
  /// The architecture that computes what this one does. Mistral is Llama but for its window.
  var ggufArchitecture: String {
    switch modelType {
    case .llama, .mistral: "llama"
    case .qwen2: "qwen2"
    case .qwen3: "qwen3"
    }
  }

  /// The architecture's metadata.
  var ggufMetadata: TextKeyed<MetadataValue> {
    let known: KeyValuePairs<String, MetadataValue> = [
      "vocab_size": .number(vocabularySize),
      "context_length": .number(maxPositions),
      "embedding_length": .number(hiddenSize),
      "block_count": .number(layerCount),
      "feed_forward_length": .number(feedForwardSize),
      "attention.head_count": .number(headCount),
      "attention.head_count_kv": .number(keyHeadCount),
      "attention.key_length": .number(headSize),
      "attention.value_length": .number(headSize),
      "attention.layer_norm_rms_epsilon": .number(rmsNormEpsilon),
      "rope.dimension_count": .number(headSize),
      "rope.freq_base": .number(ropeTheta),
    ]
    var metadata = TextKeyed(
      known.map { ("\(ggufArchitecture).\($0.key)", $0.value) })
    if case .linear(let factor) = ropeScaling {
      metadata["\(ggufArchitecture).rope.scaling.type"] = .text("linear")
      metadata["\(ggufArchitecture).rope.scaling.factor"] = .number(factor)
    }
    return metadata
  }

  /// What each rotary frequency is divided by, for `rope_freqs.weight`; nil where it is the same for all.
  var ggufRotaryFactors: [Float]? {
    guard case .llama3(let factor, let low, let high, let original) = ropeScaling else { return nil }
    return (0..<headSize / 2).map { pair in
      let wavelength = 2 * Double.pi * pow(ropeTheta, Double(2 * pair) / Double(headSize))
      if wavelength < Double(original) / high { return 1 }
      if wavelength > Double(original) / low { return Float(factor) }
      let smooth = (Double(original) / wavelength - low) / (high - low)
      return Float(1 / ((1 - smooth) / factor + smooth))
    }
  }
}
