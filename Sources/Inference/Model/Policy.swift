import Llama
import ModelFiles
import Torch

/// A model in training as one that answers.
///
/// Float32 weights are the trained ones themselves. Narrow ones are copies, and so are matrices into which an adapter is merged, which `refresh` packs again in place. Call it after
/// every update of the weights: until then the policy refuses to answer. Running sequences are then read again from their
/// first token, since no key or value outlives the weights that it was computed with.
public final class Policy {
  /// The model in training.
  public let model: LlamaModel
  /// The model that answers.
  public let answering: InferenceModel

  /// How often the weights have changed under what it answers with.
  public var generation: Int { answering.generation }

  /// A policy that answers with the weights as they are now.
  public init(_ model: LlamaModel, format: WeightFormat = .float32) throws {
    self.model = model
    answering = try InferenceModel(config: model.config, format: format, source: model.trained) {
      try model.mergedValues($0)
    }
  }

  /// Has answers follow the weights as they are now.
  public func refresh() throws { try answering.refresh { try model.mergedValues($0) } }
}
