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

  /// The model's shape.
  public var config: LlamaConfig { model.config }

  /// Reads a reward model's weights as float32.
  /// - Parameter dtype: what matrix products are computed in.
  /// - Throws: `ModelFileError` where it is another model, or its weights are not whole; `TorchError`.
  public init(_ folder: ModelFolder, dtype: DType = .float32) throws {
    try folder.requireRewardModel()
    model = try LlamaModel(folder, training: false, dtype: dtype)
    head = try model.scoreHead()
    padTokenID = folder.config.padTokenID.map(Int32.init)
  }

  /// The rewards of each example's sequences, read at their last tokens. What sequences of an example share is computed once.
  ///
  /// As in transformers, the last token is the last that is not the model's padding token.
  /// - Parameter microTokens: the most tokens that are computed at once; a longer example goes alone.
  /// - Throws: `AlignmentError` where a reward is not a number.
  public func rewards(of examples: [[TokenSequence]], microTokens: Int = 2048) throws -> [[Float]] {
    var rewards: [[Float]] = []
    var (batch, pending): (PackedBatch, [Int]) = (PackedBatch(), [])
    func score() throws {
      guard !pending.isEmpty else { return }
      let places = batch.last
      let hidden = try model.forward(batch, keeping: .nothing, reading: places).hidden
      var values = try head.forward(places, hidden: hidden).values[...]
      guard values.allSatisfy(\.isFinite) else {
        throw AlignmentError("the reward model's score is not a number; its weights are damaged")
      }
      for count in pending {
        rewards.append(Array(values.prefix(count)))
        values = values.dropFirst(count)
      }
      (batch, pending) = (PackedBatch(), [])
    }
    for sequences in examples {
      let whole = sequences.map(withoutPadding)
      let size = whole.reduce(0) { $0 + $1.tokens.count }
      if !pending.isEmpty, batch.tokens.count + size > microTokens { try score() }
      batch.append(whole)
      pending.append(whole.count)
    }
    try score()
    return rewards
  }

  private func withoutPadding(_ sequence: TokenSequence) -> TokenSequence {
    guard let padTokenID, let last = sequence.tokens.lastIndex(where: { $0 != padTokenID }) else { return sequence }
    return TokenSequence(
      tokens: Array(sequence.tokens[...last]), isScored: Array(sequence.isScored[...last]))
  }
}

extension ModelFolder {
  /// Refuses a model that scores no texts.
  /// - Throws: `ModelFileError` naming what it is.
  public func requireRewardModel() throws {
    guard config.head == .text(labels: 1) else {
      let labels = config.head.labels.map { ", of \($0) labels" } ?? ""
      throw ModelFileError(
        url.path,
        "is no reward model (\(config.modelClass)\(labels)); name a model for sequence classification with one label, as "
          + "'caravan reward' trains one")
    }
  }
}
