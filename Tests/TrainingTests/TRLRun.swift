import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing

@testable import Training

/// A run that TRL made on the tiny model, with what it logged at each step.
struct TRLRun {
  static let fixtures = Checkout.fixtures(of: "TrainingTests")

  let name: String
  let json: JSON

  init(_ name: String) throws {
    self.name = name
    json = try Self.read("\(name)/run.json")
  }

  static func read(_ path: String) throws -> JSON {
    try JSON(file: fixtures.appending(path: path))
  }

  /// The model that every run starts from.
  static func model() throws -> LlamaModel {
    try LlamaModel(ModelFolder(fixtures.appending(path: "model")), training: true)
  }

  /// The token sequences that TRL trained on.
  static func pairs() throws -> [TrainingExample] {
    try read("pair-tokens.json").array.map { rows in
      rows.enumerated().map { index, row in
        func tokens(_ key: String) -> [Int32] { (row[key]?.array ?? []).compactMap { $0.int.map(Int32.init) } }
        let prompt = tokens("prompt")
        return TrainingExample(
          sequences: ["chosen", "rejected"].map { side in
            TokenSequence(
              tokens: prompt + tokens(side), isScored: prompt.map { _ in false } + tokens(side).map { _ in true })
          }, location: RecordLocation(file: "pairs.jsonl", line: index + 1))
      }
    } ?? []
  }

  /// The pairs with what a model, as the reference, makes of them.
  static func referencedPairs(_ model: LlamaModel, _ settings: TrainingSettings) throws -> [TrainingExample] {
    var pairs = try pairs()
    let order = EpochOrder(count: pairs.count, batchSize: settings.batchSize, seed: settings.shuffleSeed)
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: settings.microTokens)
    try ReferenceScores(pass: pass, cache: nil).add(to: &pairs, in: order.batches(epoch: 0), withShared: true) { _ in }
    return pairs
  }

  /// The rated answers that TRL trained on.
  static func ratings() throws -> [TrainingExample] {
    try (read("rating-tokens.json").array ?? []).enumerated().map { index, row in
      func tokens(_ key: String) -> [Int32] { (row[key]?.array ?? []).compactMap { $0.int.map(Int32.init) } }
      let (prompt, answer) = (tokens("prompt"), tokens("completion"))
      var example = TrainingExample(
        sequences: [
          TokenSequence(tokens: prompt + answer, isScored: prompt.map { _ in false } + answer.map { _ in true })
        ], location: RecordLocation(file: "ratings.jsonl", line: index + 1))
      example.columns[.label] = [[row["label"] == true ? 1 : 0]]
      return example
    }
  }

  /// The rated answers with what a model, as the reference, makes of them; with companions in groups of a size, where there is one.
  static func referencedRatings(
    _ model: LlamaModel, _ settings: TrainingSettings, groupSize: Int?
  ) throws -> [TrainingExample] {
    var ratings = try ratings()
    if let groupSize {
      _ = ratings.addMismatchedAnswers(batchSize: settings.batchSize, groupSize: groupSize, maximumLength: 512)
    }
    let order = EpochOrder(count: ratings.count, batchSize: settings.batchSize, seed: nil)
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: settings.microTokens)
    try ReferenceScores(pass: pass, cache: nil).add(to: &ratings, in: order.batches(epoch: 0)) { _ in }
    return ratings
  }

  static func conversations() throws -> [TrainingExample] {
    try read("conversation-tokens.json").array.map { rows in
      rows.enumerated().map { index, row in
        let tokens = (row["ids"]?.array ?? []).compactMap { $0.int.map(Int32.init) }
        let mask = (row["mask"]?.array ?? []).map { $0.int == 1 }
        return TrainingExample(
          sequences: [TokenSequence(tokens: tokens, isScored: mask)],
          location: RecordLocation(file: "conversations.jsonl", line: index + 1))
      }
    } ?? []
  }

  func number(_ key: String) throws -> Double { try #require(json[key]?.double) }

  func settings() throws -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = try number("epochs")
    settings.batchSize = try #require(json["batch_size"]?.int)
    settings.learningRate = try number("learning_rate")
    settings.warmupRatio = try number("warmup_ratio")
    settings.adam.weightDecay = try number("weight_decay")
    settings.adam.beta2 = try number("adam_beta2")
    settings.maxGradientNorm = try number("max_grad_norm")
    settings.shuffleSeed = nil
    return settings
  }

  func objective() throws -> PreferenceObjective {
    var parameters = LossParameters()
    parameters.beta = try number("beta")
    parameters.labelSmoothing = try number("label_smoothing")
    parameters.simpoGamma = json["simpo_gamma"]?.double ?? parameters.simpoGamma
    parameters.alphapoAlpha = json["alpha"]?.double ?? parameters.alphapoAlpha
    parameters.cpoAlpha = json["cpo_alpha"]?.double ?? parameters.cpoAlpha
    var comparison = Comparison()
    comparison.ldAlpha = json["ld_alpha"]?.double
    comparison.alpha = json["f_alpha_divergence_coef"]?.double ?? comparison.alpha
    if let name = json["f_divergence_type"]?.string { comparison.divergence = try #require(FDivergence(named: name)) }
    let loss = try #require(json["loss"])
    let losses = try (loss.array ?? [loss]).map { try #require(PreferenceLoss(named: $0.string ?? "")) }
    parameters.orpoPromptLoss = losses == [.orpo]
    let weights = json["loss_weights"]?.array?.compactMap(\.double)
    return try PreferenceObjective(
      losses, weights: weights, parameters, comparison, isWeighted: json["use_weighting"]?.bool ?? false)
  }

  /// How the reference moves, where it does.
  var movement: MovingReference.Settings? {
    guard let steps = json["ref_model_sync_steps"]?.int, let alpha = json["ref_model_mixup_alpha"]?.double else {
      return nil
    }
    return MovingReference.Settings(steps: steps, alpha: alpha)
  }

  func weights() throws -> [StoredTensor] {
    try SafetensorsFile(Self.fixtures.appending(path: "\(name)/weights.safetensors")).tensors
  }
}

extension ShuffledExamples {
  /// The examples of a run with these settings.
  init(_ examples: [TrainingExample], _ settings: TrainingSettings) {
    self.init(
      examples, batchSize: settings.batchSize, epochs: settings.epochs, seed: settings.shuffleSeed,
      maxSteps: settings.maxSteps)
  }
}
