import Datasets
import Foundation
import Inference
import Llama
import ModelFiles
import Text
import Torch
import Training
import Wording

/// The model that learns what reward is still to come at each token of an answer, and what it begins from.
struct ValueModel {
  private let folder: ModelFolder
  private let config: LlamaConfig

  /// Looks at what it begins from: a reward model, a value model, or a language model under a score that has learned nothing.
  /// - Throws: `SettingError` where its vocabulary is not the policy's.
  init(_ name: String, _ recipe: PPORecipe, _ context: RunContext) throws {
    // The policy and reward models speak for themselves where they are loaded.
    folder = try recipe.policy.valueModel == nil ? context.folder(name) : context.model(name)
    _ = try folder.openWeights()
    let policy = try context.folder(recipe.model.model)
    guard folder.config.vocabularySize == policy.config.vocabularySize else {
      throw SettingError(
        "the value model begins from \(name), whose \(folder.config.vocabularySize) tokens are not the \(policy.config.vocabularySize) of \(setting: "model"), which it reads; name another with \(setting: "value-model")"
      )
    }
    switch folder.config.head {
    case .text(labels: 1), .token(labels: 1):
      config = folder.config.scoring(.token(labels: 1), padTokenID: folder.config.padTokenID)
    default: config = try folder.config(under: .token(labels: 1), context.format(recipe.model))
    }
  }

  var parameterCount: Int { config.architecture.parameterCount }
  /// Weights, gradients and two moments.
  func bytesInTraining(_ optimization: OptimizationSettings) -> Int {
    (4 + optimization.gradientDtype.size) * parameterCount + optimization.optimizer.moments.byteCount(parameterCount)
  }

  /// Reads it, to be trained.
  func load(_ optimization: OptimizationSettings, dtype: DType) throws -> LlamaModel {
    guard folder.config.head == .vocabulary else {
      return try LlamaModel(folder, training: true, dtype: dtype, gradientType: optimization.gradientDtype)
    }
    var generator = SplitMix64(seed: optimization.seed)
    return try LlamaModel(
      scoring: folder, as: config, training: true, dtype: dtype, gradientType: optimization.gradientDtype,
      using: &generator)
  }

  /// Writes the trained one as a model for token classification, as the authors of Tulu 2.5 publish theirs.
  func write(_ model: LlamaModel, to place: URL) throws {
    var writer = try ModelFolderWriter(carryingOver: folder)
    (writer.config, writer.architecture) = (config, config.modelClass)
    writer.generationConfig = nil
    try writer.write(model.outputTensors(.float32), to: place)
  }
}
