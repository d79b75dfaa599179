import Llama
import ModelFiles
import Torch

/// A reward model: scores answers to prompts.
///
///     let model = try RewardModel(ModelFolder(url))
///     let rewards = try model.rewards(of: examples)
public final class RewardModel {
  private let model: LlamaModel
  private let head: ScoreHead
  private let padTokenID: Int32?

  /// Reads a reward model's weights.
  /// - Parameters:
  ///   - format: how its matrices are kept.
  ///   - dtype: what matrix products are computed in.
  /// - Throws: `ModelFileError` where it is another model, or its weights are not whole; `TorchError`.
  public init(_ folder: ModelFolder, keeping format: FrozenFormat = .float32, dtype: DType = .float32) throws {
    try folder.requireRewardModel()
    model = try LlamaModel(folder, keeping: format, dtype: dtype)
    head = try model.scoreHead()
    padTokenID = folder.config.padTokenID.map(Int32.init)
  }

  /// The rewards of each example's sequences, read at their last tokens. What sequences of an example share is computed once.
  ///
  /// As in transformers, the last token is the last that is not the model's padding token.
  /// - Parameter microTokens: the most tokens that are computed at once; a longer example goes alone.
  /// - Throws: `TrainingError` where a reward is not a number.
  public func rewards(of examples: [[TokenSequence]], microTokens: Int = 2048) throws -> [[Float]] {
    let sequences = examples.map { $0.map { $0.withoutPadding(padTokenID) } }
    let sizes = sequences.map { $0.reduce(0) { $0 + $1.tokens.count } }
    return try MicroBatches.ranges(of: sizes, budget: microTokens).flatMap { try rewards(at: sequences[$0]) }
  }

  private func rewards(at examples: ArraySlice<[TokenSequence]>) throws -> [[Float]] {
    var batch = PackedBatch()
    for sequences in examples { batch.append(sequences) }
    let hidden = try model.forward(batch, keeping: .nothing, reading: batch.last).hidden
    var values = try head.forward(batch.last, hidden: hidden).values[...]
    guard values.allSatisfy(\.isFinite) else {
      throw TrainingError("the reward model's score is not a number; its weights are damaged")
    }
    return examples.map { sequences in
      defer { values = values.dropFirst(sequences.count) }
      return Array(values.prefix(sequences.count))
    }
  }
}

extension TokenSequence {
  /// The sequence up to its last token that is not the padding token, as far as there is one.
  func withoutPadding(_ padTokenID: Int32?) -> TokenSequence {
    guard let padTokenID, let last = tokens.lastIndex(where: { $0 != padTokenID }) else { return self }
    return prefix(last + 1)
  }
}
