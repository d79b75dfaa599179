import Llama
import ModelFiles
import Torch

/// A classifier of texts, `…ForSequenceClassification`: a number for each label, read at a text's last token.
///
///     let classifier = try TextClassifier(ModelFolder(url))
///     let logits = try classifier.logits(of: texts.map(tokenizer.encode))
public final class TextClassifier {
  /// The labels' names, in the order of their logits.
  public let labels: [String]
  private let model: LlamaModel
  private let padTokenID: Int32?

  /// Reads a classifier's weights as float32.
  /// - Parameter dtype: what matrix products are computed in.
  /// - Throws: `ModelFileError` where it is another model, or its weights are not whole; `TorchError`.
  public init(_ folder: ModelFolder, dtype: DType = .float32) throws {
    try folder.requireClassifier()
    labels = folder.config.labelNames
    model = try LlamaModel(folder, training: false, dtype: dtype)
    padTokenID = folder.config.padTokenID.map(Int32.init)
  }

  /// The logits of each text, one for each label. As in transformers, the last token is the last that is not the model's
  /// padding token.
  /// - Parameter texts: each text's tokens, at least one.
  /// - Throws: `TrainingError` where a logit is not a number.
  public func logits(of texts: [[Int32]]) throws -> [[Float]] {
    var batch = PackedBatch()
    for text in texts {
      batch.append([TokenSequence(tokens: text, isScored: text.map { _ in false }).withoutPadding(padTokenID)])
    }
    let hidden = try model.forward(batch, keeping: .nothing, reading: batch.last).hidden
    let logits = try model.labelLogits(batch.last, hidden: hidden)
    guard logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw TrainingError("the classifier's logit is not a number; its weights are damaged")
    }
    return logits
  }
}
